// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "docker_cpp/cgroups/cgroup.hpp"
#include "docker_cpp/namespaces/user_namespace.hpp"
#include "docker_cpp/oci/assemble.hpp"
#include "docker_cpp/rootfs/root_fd.hpp"
#include "docker_cpp/rootfs/root_plan.hpp"

// A container's root, planned from its configuration or found by its pid.
namespace docker_cpp::oci {

[[nodiscard]] rootfs::RootPlan root_plan(const Spec& spec,
                                         const ProcessSpec& process,
                                         const AssemblyOptions& options,
                                         const namespaces::IdMaps& maps,
                                         const cgroups::Cgroup* cgroup);

/// The maps of the container's user namespace, made or joined; empty without.
[[nodiscard]] namespaces::IdMaps id_maps(const LinuxSpec& linux_spec);

/// Whether there are hooks that run when the mounts are made, but before the
/// root changes.
[[nodiscard]] bool has_creation_hooks(const Hooks& hooks);

/// The root that a process sees.
[[nodiscard]] rootfs::RootFd root_of(pid_t pid);

/// Its /dev/pts, which must be a devpts and nothing else.
[[nodiscard]] sys::UniqueFd devpts_of(const rootfs::RootFd& root);

/// The maps of the user namespace of a process, as the caller sees it; empty
/// where it is the caller's own.
[[nodiscard]] namespaces::IdMaps id_maps_of(pid_t pid);

/// What the host calls the user or group that a container calls `inside`.
[[nodiscard]] uid_t outside(const std::vector<namespaces::IdRange>& map,
                            uid_t inside,
                            const char* property = "process.user.uid");

}  // namespace docker_cpp::oci
