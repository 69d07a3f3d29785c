// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <utility>

#include "docker_cpp/namespaces/isolation.hpp"

namespace docker_cpp::monitor {

/// Goes last: everything else of the container is set up while the daemon
/// connects its network, and only then they meet.
class Gate final : public namespaces::Isolation {
 public:
  Gate(int go, std::function<void(pid_t)> created)
      : go_(go), created_(std::move(created)) {}

  [[nodiscard]] const char* name() const noexcept override;
  /// Tells who waits for it that the process, and its namespaces, exist.
  void from_parent(const namespaces::ChildHandle& child) override;
  [[nodiscard]] sys::Result<void> in_child() const noexcept override;

 private:
  int go_;
  std::function<void(pid_t)> created_;
};

}  // namespace docker_cpp::monitor
