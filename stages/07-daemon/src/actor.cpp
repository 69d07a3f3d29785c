// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/daemon/actor.hpp"

#include <utility>

namespace docker_cpp::daemon {
namespace {
/// How many messages one turn takes, so that a busy actor lets others run.
constexpr int messages_per_turn = 16;
}  // namespace

Actor::~Actor() = default;

void Actor::tell(Task message) {
  {
    const std::lock_guard lock(mutex_);
    mailbox_.push_back(std::move(message));
    if (std::exchange(scheduled_, true)) {
      return;
    }
  }
  schedule();
}

Timer Actor::tell_after(std::chrono::milliseconds delay, Task message) {
  return executor_.after(
      delay, [weak = weak_from_this(), work = std::move(message)]() mutable {
        if (const auto self = weak.lock()) {
          self->tell(std::move(work));
        }
      });
}

void Actor::schedule() {
  executor_.blocking([self = shared_from_this()] { self->drain(); });
}

void Actor::drain() {
  /// Takes the next turn even when a message throws.
  struct Turn {
    Actor& actor;
    ~Turn() {
      {
        const std::lock_guard lock(actor.mutex_);
        if (actor.mailbox_.empty()) {
          actor.scheduled_ = false;
          return;
        }
      }
      actor.schedule();
    }
  };
  const Turn turn{*this};
  for (int i = 0; i < messages_per_turn; ++i) {
    Task message;
    {
      const std::lock_guard lock(mutex_);
      if (mailbox_.empty()) {
        return;
      }
      message = std::move(mailbox_.front());
      mailbox_.pop_front();
    }
    message();
  }
}

}  // namespace docker_cpp::daemon
