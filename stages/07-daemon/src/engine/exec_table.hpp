// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "docker_cpp/daemon/model.hpp"

namespace docker_cpp::daemon {

/// Exec sessions by id. They live as long as their container runs, and the
/// last of them are remembered a little longer. Thread safe.
class ExecTable {
 public:
  void insert(Exec exec);

  /// \throws ApiError not_found: `No such exec instance: x`
  [[nodiscard]] Exec get(std::string_view id) const;

  template <typename Change>
  void update(const std::string& id, Change change) {
    const std::lock_guard lock(mutex_);
    if (const auto found = all_.find(id); found != all_.end()) {
      change(found->second);
    }
  }

  /// Marks it as begun. \throws ApiError conflict when it was before
  Exec begin(const std::string& id);

  void forget(const std::string& id);
  void forget_container(std::string_view container_id);

  /// How many may be there before ended ones are forgotten.
  static constexpr std::size_t remembered = 500;

 private:
  void forget_oldest();

  mutable std::mutex mutex_;
  std::map<std::string, Exec, std::less<>> all_;
  std::deque<std::string> order_;  ///< oldest first
};

}  // namespace docker_cpp::daemon
