// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <utility>
#include <vector>

#include "docker_cpp/daemon/container_runtime.hpp"

namespace docker_cpp::daemon {

/// Those who wait for a container to end, or to be gone.
class Waiters {
 public:
  void add(WaitCondition condition, Done<WaitResult> done) {
    waiting_.emplace_back(condition, std::move(done));
  }

  void ended(const WaitResult& result) {
    answer(result, [](WaitCondition c) { return c != WaitCondition::removed; });
  }
  void removed(const WaitResult& result) {
    answer(result, [](WaitCondition) { return true; });
  }

 private:
  template <typename Wanted>
  void answer(const WaitResult& result, Wanted wanted) {
    auto all = std::exchange(waiting_, {});
    for (auto& [condition, done] : all) {
      if (wanted(condition)) {
        done(result);
      } else {
        waiting_.emplace_back(condition, std::move(done));
      }
    }
  }

  std::vector<std::pair<WaitCondition, Done<WaitResult>>> waiting_;
};

}  // namespace docker_cpp::daemon
