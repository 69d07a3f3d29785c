// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "docker_cpp/cgroups/cgroup.hpp"

namespace docker_cpp::runtime {

/// What a container uses, as the `data` of runc's "stats" event: its names,
/// its order, and without what is zero where runc leaves that out.
[[nodiscard]] std::string stats_json(const cgroups::Cgroup& cgroup);

}  // namespace docker_cpp::runtime
