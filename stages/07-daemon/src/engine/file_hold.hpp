// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <utility>

#include "docker_cpp/daemon/executor.hpp"

namespace docker_cpp::daemon {

/// Who may work on the files of a container that does not run: one at a time.
/// Belongs to an actor and is used by its messages only.
class FileHold {
 public:
  /// Now, or when the one before has let go.
  void when_free(Task work) {
    if (held_) {
      waiting_.push_back(std::move(work));
    } else {
      work();
    }
  }
  void take() { held_ = true; }
  void let_go() {
    held_ = false;
    std::deque<Task> waiting = std::exchange(waiting_, {});
    for (Task& next : waiting) {
      when_free(std::move(next));
    }
  }

 private:
  bool held_ = false;
  std::deque<Task> waiting_;
};

}  // namespace docker_cpp::daemon
