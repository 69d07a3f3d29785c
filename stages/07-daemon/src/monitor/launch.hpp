// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <array>
#include <functional>
#include <optional>

#include "docker_cpp/cgroups/cgroup.hpp"
#include "docker_cpp/daemon/monitor_config.hpp"
#include "docker_cpp/sys/unique_fd.hpp"

namespace docker_cpp::monitor {

/// A container's first process (or an exec's), begun.
struct Launched {
  pid_t pid = 0;
  sys::UniqueFd console;                  ///< with a terminal: its master end
  std::optional<cgroups::Cgroup> cgroup;  ///< of a container, not of an exec
};

struct LaunchOptions {
  int folder = -1;  ///< holds config.json
  std::array<int, 3> stdio{0, 1, 2};
  /// The program begins when a byte comes from here; end of file: never.
  int go = -1;
  /// Told the pid while the process waits, before it has run anything.
  std::function<void(pid_t)> created;
};

/// What `run` and `exec` differ in. \throws Error, ExecError
[[nodiscard]] Launched launch_container(const MonitorConfig& config,
                                        LaunchOptions options);
[[nodiscard]] Launched launch_exec(const MonitorConfig& config,
                                   LaunchOptions options);

}  // namespace docker_cpp::monitor
