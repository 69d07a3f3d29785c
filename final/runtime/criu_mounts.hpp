// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "container.hpp"

namespace docker_cpp::runtime {

/// A mount that criu does not keep, because what it shows is the host's.
struct ExternalMount {
  std::string inside;  ///< where the container sees it: its key
  std::string outside;
};

/// Binds, and the cgroup hierarchies of version 1.
[[nodiscard]] std::vector<ExternalMount> external_mounts(
    const oci::Spec& spec, const std::string& cgroup_path);

}  // namespace docker_cpp::runtime
