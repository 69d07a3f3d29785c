// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <linux/bpf.h>

#include <vector>

#include "docker_cpp/cgroups/control_directory.hpp"
#include "docker_cpp/cgroups/device_rule.hpp"

namespace docker_cpp::cgroups {

/// cgroup v2 has no list of devices: a program decides each open(2) and
/// mknod(2). This is the list as such a program. It decides as v1's list does:
/// what is asked must be within one exception as a whole.
/// \man{bpf,2}
[[nodiscard]] std::vector<bpf_insn> device_program(const DeviceList& list);

/// Loads it and lets it decide for the cgroup, instead of what was attached
/// before; there is no moment at which nobody decides. \throws Error
void attach_device_program(const ControlDirectory& cgroup,
                           const std::vector<bpf_insn>& program);

}  // namespace docker_cpp::cgroups
