// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "docker_cpp/rootfs/mount_api.hpp"

namespace docker_cpp::rootfs {

/// clone_tree() of a handle that lies in the mount namespace of another
/// process, which `source` names: "/proc/PID/root/...". The kernel copies
/// mounts of the caller's own namespace only, so a short-lived helper goes
/// there. \throws Error; EINVAL when `source` has another form
[[nodiscard]] sys::UniqueFd clone_foreign_tree(const std::string& source,
                                               int handle, Tree extent);

/// What the helper does, and where it leaves what came of it.
struct ForeignTree {
  int mount_namespace = -1;
  int handle = -1;
  Tree extent = Tree::one_mount;
  int result = -1;  ///< the descriptor, or minus errno
};

/// Runs between clone and exit, sharing memory and descriptors.
int copy_foreign_tree(void* foreign_tree) noexcept;

}  // namespace docker_cpp::rootfs
