// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "docker_cpp/sys/result.hpp"
#include "docker_cpp/sys/unique_fd.hpp"

/// The kernel's mount API by file descriptor, one wrapper per call, legal on
/// both sides of a clone. A mount is first made detached, where nobody can see
/// it, and then moved to a handle: no path is looked up twice.
/// The C library of Debian 12 has some of these calls, so all are made raw.
namespace docker_cpp::rootfs {

/// A file system being configured. \man{fsopen,2}
[[nodiscard]] sys::Result<sys::UniqueFd> fs_open(const char* type) noexcept;

/// Sets a string, or a flag when `value` is null. \man{fsconfig,2}
[[nodiscard]] sys::Result<void> fs_set(int context, const char* key,
                                       const char* value) noexcept;
[[nodiscard]] sys::Result<void> fs_create(int context) noexcept;

/// A detached mount of it, with MOUNT_ATTR_ bits. \man{fsmount,2}
[[nodiscard]] sys::Result<sys::UniqueFd> fs_mount(
    int context, std::uint64_t attributes) noexcept;

enum class Tree : std::uint8_t { one_mount, recursive };

/// A detached copy of what is mounted at `path`: a bind mount that is not
/// bound yet. An empty path means `dir` itself; links are not followed.
/// \man{open_tree,2}
[[nodiscard]] sys::Result<sys::UniqueFd> clone_tree(int dir, const char* path,
                                                    Tree extent) noexcept;

/// Attaches a detached mount onto the handle `target`. \man{move_mount,2}
[[nodiscard]] sys::Result<void> attach_mount(int mount, int target) noexcept;

struct AttributeChange {
  std::uint64_t set = 0;
  std::uint64_t clear = 0;
  std::uint64_t propagation = 0;  ///< MS_PRIVATE...
};

/// Changes the mount that `dir` is the root of. \man{mount_setattr,2}
[[nodiscard]] sys::Result<void> set_mount_attributes(int dir,
                                                     AttributeChange change,
                                                     Tree extent) noexcept;

/// Shows a detached mount's ids through the maps of a user namespace.
[[nodiscard]] sys::Result<void> map_mount_ids(int mount, int user_namespace,
                                              Tree extent) noexcept;

}  // namespace docker_cpp::rootfs
