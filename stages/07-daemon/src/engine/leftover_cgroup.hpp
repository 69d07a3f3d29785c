// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace docker_cpp::daemon {

/// Kills what is in a container's cgroup and removes it, however much of it
/// there is: its monitor may have died while it made or removed the folders.
void release_leftover_cgroup(const std::string& path) noexcept;

}  // namespace docker_cpp::daemon
