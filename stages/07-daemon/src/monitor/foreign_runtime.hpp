// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdexcept>
#include <string>

#include "launch.hpp"

namespace docker_cpp::monitor {

/// What another OCI runtime said when it could not begin a container.
class ForeignRuntimeError : public std::runtime_error {
 public:
  explicit ForeignRuntimeError(const std::string& what)
      : std::runtime_error(what) {}

  /// What `docker run` exits with, as Docker reads it from the text.
  [[nodiscard]] int exit_code() const noexcept;
};

/// The container built by config.runtime: create, and after the go, start.
/// Its root is mounted in a mount namespace of this process alone, so that
/// nothing is left on the host whatever ends first.
[[nodiscard]] Launched launch_foreign(const MonitorConfig& config,
                                      LaunchOptions options);

/// Tells the runtime that the container is over.
void delete_foreign(const MonitorConfig& config, int folder) noexcept;

}  // namespace docker_cpp::monitor
