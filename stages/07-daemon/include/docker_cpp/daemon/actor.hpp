// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <memory>
#include <mutex>

#include "docker_cpp/daemon/executor.hpp"

namespace docker_cpp::daemon {

/// Something with state of its own that is spoken to by messages: one mailbox,
/// one message at a time, in the order told. So what a subclass holds needs no
/// lock.
///
/// Messages run on the blocking pool: they may use the disk and talk to a
/// monitor. What takes longer than that (a stop's ten seconds) is a timer that
/// tells the actor again.
class Actor : public std::enable_shared_from_this<Actor> {
 public:
  explicit Actor(Executor& executor) : executor_(executor) {}
  Actor(const Actor&) = delete;
  Actor& operator=(const Actor&) = delete;
  virtual ~Actor();

  /// The actor lives until the message has run. Thread safe.
  void tell(Task message);

 protected:
  [[nodiscard]] Executor& executor() const noexcept { return executor_; }

  /// A message to itself, later; forgotten when the actor or the timer goes.
  [[nodiscard]] Timer tell_after(std::chrono::milliseconds delay, Task message);

 private:
  void schedule();
  void drain();

  Executor& executor_;
  std::mutex mutex_;
  std::deque<Task> mailbox_;
  bool scheduled_ = false;
};

}  // namespace docker_cpp::daemon
