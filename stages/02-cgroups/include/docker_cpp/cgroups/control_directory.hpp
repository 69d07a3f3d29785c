// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "docker_cpp/cgroups/hierarchies.hpp"
#include "docker_cpp/sys/unique_fd.hpp"

namespace docker_cpp::cgroups {

/// An opened folder of a cgroup in one hierarchy. What a container has
/// mounted or renamed meanwhile cannot lead a handle astray.
struct ControlDirectory {
  Hierarchy hierarchy;
  std::string path;  ///< for messages, and to be shown to people
  sys::UniqueFd fd;
};

}  // namespace docker_cpp::cgroups
