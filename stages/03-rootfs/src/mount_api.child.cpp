// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/rootfs/mount_api.hpp"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace docker_cpp::rootfs {
namespace {

constexpr unsigned cloexec = 1;  // FSOPEN_CLOEXEC and FSMOUNT_CLOEXEC
constexpr unsigned open_tree_clone = 1;
constexpr unsigned at_recursive = 0x8000;  // linux/fcntl.h, not in <fcntl.h>

sys::Result<sys::UniqueFd> descriptor(long returned, const char* call) {
  if (returned == -1) {
    return sys::fail(call);
  }
  return sys::UniqueFd(static_cast<int>(returned));
}

unsigned recursion(Tree extent) noexcept {
  return extent == Tree::recursive ? at_recursive : 0U;
}

}  // namespace

sys::Result<sys::UniqueFd> fs_open(const char* type) noexcept {
  return descriptor(::syscall(SYS_fsopen, type, cloexec), "fsopen");
}

sys::Result<void> fs_set(int context, const char* key,
                         const char* value) noexcept {
  const int command =
      value == nullptr ? FSCONFIG_SET_FLAG : FSCONFIG_SET_STRING;
  return sys::check_void(
      ::syscall(SYS_fsconfig, context, command, key, value, 0), "fsconfig");
}

sys::Result<void> fs_create(int context) noexcept {
  return sys::check_void(::syscall(SYS_fsconfig, context, FSCONFIG_CMD_CREATE,
                                   nullptr, nullptr, 0),
                         "fsconfig create");
}

sys::Result<sys::UniqueFd> fs_mount(int context,
                                    std::uint64_t attributes) noexcept {
  return descriptor(::syscall(SYS_fsmount, context, cloexec,
                              static_cast<unsigned>(attributes)),
                    "fsmount");
}

sys::Result<sys::UniqueFd> clone_tree(int dir, const char* path,
                                      Tree extent) noexcept {
  const unsigned flags = open_tree_clone | O_CLOEXEC | AT_EMPTY_PATH |
                         AT_SYMLINK_NOFOLLOW | recursion(extent);
  return descriptor(::syscall(SYS_open_tree, dir, path, flags), "open_tree");
}

sys::Result<void> attach_mount(int mount, int target) noexcept {
  return sys::check_void(
      ::syscall(SYS_move_mount, mount, "", target, "",
                MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH),
      "move_mount");
}

sys::Result<void> set_mount_attributes(int dir, AttributeChange change,
                                       Tree extent) noexcept {
  mount_attr request{};
  request.attr_set = change.set;
  request.attr_clr = change.clear;
  request.propagation = change.propagation;
  return sys::check_void(
      ::syscall(SYS_mount_setattr, dir, "", AT_EMPTY_PATH | recursion(extent),
                &request, sizeof request),
      "mount_setattr");
}

sys::Result<void> map_mount_ids(int mount, int user_namespace,
                                Tree extent) noexcept {
  mount_attr request{};
  request.attr_set = MOUNT_ATTR_IDMAP;
  request.userns_fd = static_cast<std::uint64_t>(user_namespace);
  return sys::check_void(
      ::syscall(SYS_mount_setattr, mount, "", AT_EMPTY_PATH | recursion(extent),
                &request, sizeof request),
      "mount_setattr idmap");
}

}  // namespace docker_cpp::rootfs
