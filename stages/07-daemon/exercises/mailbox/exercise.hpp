// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <functional>
#include <mutex>

using Message = std::function<void()>;
/// Runs a piece of work on some thread, soon.
using Pool = std::function<void(Message)>;

class Mailbox {
 public:
  explicit Mailbox(Pool pool) : pool_(std::move(pool)) {}
  /// Thread safe. Messages run one at a time, in the order told.
  void tell(Message message);

 private:
  void turn();

  Pool pool_;
  std::mutex mutex_;
  std::deque<Message> waiting_;
  [[maybe_unused]] bool scheduled_ = false;
};
