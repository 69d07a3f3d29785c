// SPDX-License-Identifier: Apache-2.0
#include "exercise.hpp"

void Mailbox::tell(Message message) {
  {
    const std::lock_guard lock(mutex_);
    waiting_.push_back(std::move(message));
  }
  pool_([this] { turn(); });  // and if there is a turn already?
}

void Mailbox::turn() {
  Message message;
  {
    const std::lock_guard lock(mutex_);
    message = std::move(waiting_.front());
    waiting_.pop_front();
  }
  message();
}
