// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "exercise.hpp"

void Mailbox::tell(Message message) {
  {
    const std::lock_guard lock(mutex_);
    waiting_.push_back(std::move(message));
    if (std::exchange(scheduled_, true)) {
      return;
    }
  }
  pool_([this] { turn(); });
}

void Mailbox::turn() {
  Message message;
  {
    const std::lock_guard lock(mutex_);
    message = std::move(waiting_.front());
    waiting_.pop_front();
  }
  message();
  {
    const std::lock_guard lock(mutex_);
    if (waiting_.empty()) {
      scheduled_ = false;
      return;
    }
  }
  pool_([this] { turn(); });
}
