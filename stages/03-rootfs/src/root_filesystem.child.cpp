// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/rootfs/root_filesystem.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <span>

#include "change_of_root.hpp"
#include "child_steps.hpp"

#include "docker_cpp/sys/syscalls.hpp"
#include "docker_cpp/sys/trace.hpp"

namespace docker_cpp::rootfs {
namespace {

using sys::Result;

/// Nothing that is mounted here may reach the host: mount_namespaces(7). And
/// the new root must be a mount that hangs in this tree; it is laid over the
/// old root itself, so no directory of the host is needed for it.
Result<void> attach_root(const ChildSteps& steps) noexcept {
  const sys::TraceStep trace("attach the root");
  const auto old_root = sys::open("/", O_PATH | O_DIRECTORY);
  if (!old_root) {
    return std::unexpected(old_root.error());
  }
  const auto alone = set_mount_attributes(
      old_root->get(), {.propagation = MS_PRIVATE}, Tree::recursive);
  if (!alone) {
    return alone;
  }
  if (steps.attach_at == nullptr) {
    return attach_mount(steps.root, old_root->get());
  }
  const auto place = sys::open(steps.attach_at, O_PATH | O_DIRECTORY);
  if (!place) {
    return std::unexpected(place.error());
  }
  return attach_mount(steps.root, place->get());
}

Result<void> finish_read_only(const ChildSteps& steps) noexcept {
  for (const std::size_t base : steps.read_only_later) {
    const auto done = set_mount_attributes(
        steps.bases[base], {.set = MOUNT_ATTR_RDONLY}, Tree::one_mount);
    if (!done) {
      return done;
    }
  }
  if (steps.read_only_root) {
    return set_mount_attributes(steps.root, {.set = MOUNT_ATTR_RDONLY},
                                Tree::one_mount);
  }
  return {};
}

// [change-root]
Result<void> pivot() noexcept {
  // The old root comes to lie over the new one and is taken off: no directory
  // has to be made for it. pivot_root(2), notes
  if (::syscall(SYS_pivot_root, ".", ".") == -1) {
    return sys::fail("pivot_root");
  }
  return sys::check_void(::umount2(".", MNT_DETACH), "umount the old root");
}
// [change-root]

/// The new root has to lie over the old one, or that would be left behind for
/// whoever finds the way out of a chroot(2).
Result<void> enter_without_pivot(const ChildSteps& steps) noexcept {
  if (steps.attach_at != nullptr) {
    const auto old_root = sys::open("/", O_PATH | O_DIRECTORY);
    if (!old_root) {
      return std::unexpected(old_root.error());
    }
    if (const auto moved = attach_mount(steps.root, old_root->get()); !moved) {
      return moved;
    }
  }
  return sys::check_void(::chroot("."), "chroot");
}

Result<void> change_root(const ChildSteps& steps) noexcept {
  const sys::TraceStep trace("change the root");
  if (::fchdir(steps.root) == -1) {
    return sys::fail("fchdir");
  }
  if (!steps.no_pivot) {
    if (const auto done = pivot(); !done) {
      return done;
    }
  } else if (const auto done = enter_without_pivot(steps); !done) {
    return done;
  }
  if (steps.propagation != 0) {
    return set_mount_attributes(
        steps.root,
        {.propagation =
             steps.propagation & ~static_cast<unsigned long>(MS_REC)},
        (steps.propagation & MS_REC) != 0 ? Tree::recursive : Tree::one_mount);
  }
  return {};
}

/// The working directory must be in the root: one that is reached through a
/// descriptor of the host would let the program out (CVE-2024-21626).
Result<void> enter(const Place& place, int folder) noexcept {
  if (::fchdir(folder) == -1) {
    return sys::fail(place.doing);
  }
  char path[4096];
  const long length = ::syscall(SYS_getcwd, path, sizeof path);
  if (length == -1 || path[0] != '/') {  // "(unreachable)/..."
    return std::unexpected(sys::SysError{
        .code = EPERM, .call = "check that the working directory is inside"});
  }
  return {};
}

Result<void> change_root_and_enter(const ChildSteps& steps) noexcept {
  const Place& place = steps.working_directory;
  Result<sys::UniqueFd> folder = sys::UniqueFd();
  if (place.path[0] != '\0') {
    folder = open_place(steps, place);
    if (!folder) {
      return std::unexpected(folder.error());
    }
  }
  if (const auto done = finish_read_only(steps); !done) {
    return done;
  }
  if (const auto done = change_root(steps); !done) {
    return done;
  }
  return enter(place, *folder ? folder->get() : steps.root);
}

using Step = Result<void> (*)(const ChildSteps&) noexcept;

Result<void> take(std::span<const Step> all, const ChildSteps& steps) noexcept {
  const mode_t mask = ::umask(0);  // modes are what the plan says
  for (const Step step : all) {
    if (const auto done = step(steps); !done) {
      return done;
    }
  }
  ::umask(mask);
  return {};
}

constexpr Step before[] = {attach_root, make_mounts, make_devices,
                           make_console};
constexpr Step after[] = {protect_paths, change_root_and_enter};

}  // namespace

Result<void> RootFilesystem::in_child() const noexcept {
  if (const auto done = take(before, *steps_); !done) {
    return done;
  }
  return steps_->change_root_later ? Result<void>{} : take(after, *steps_);
}

Result<void> ChangeOfRoot::in_child() const noexcept {
  return take(after, *steps_);
}

}  // namespace docker_cpp::rootfs
