// SPDX-License-Identifier: Apache-2.0
// Masked and read-only paths. What covers them is the engine's own, verified
// by device number, and is attached to handles (CVE-2025-31133).
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "child_steps.hpp"

#include "docker_cpp/sys/syscalls.hpp"
#include "docker_cpp/sys/trace.hpp"

namespace docker_cpp::rootfs {
namespace {

using sys::Result;
using Handle = sys::Result<sys::UniqueFd>;

std::unexpected<sys::SysError> failed(const char* doing, int code) noexcept {
  return std::unexpected(sys::SysError{.code = code, .call = doing});
}

/// Nothing there, which is what a mask wants.
bool is_missing(int code) noexcept {
  return code == ENOENT || code == ENOTDIR;
}

Handle open_in_root(const ChildSteps& steps, const char* path) noexcept {
  return sys::open_beneath(steps.root, path, O_PATH, 0,
                           RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
}

Result<void> make_read_only(const ChildSteps& steps,
                            const PathStep& step) noexcept {
  const Handle target = open_in_root(steps, step.path);
  if (!target) {
    return is_missing(target.error().code)
               ? Result<void>{}
               : failed(step.doing, target.error().code);
  }
  const Handle tree = clone_tree(target->get(), "", Tree::recursive);
  if (!tree) {
    return failed(step.doing, tree.error().code);
  }
  auto done = set_mount_attributes(tree->get(), {.set = MOUNT_ATTR_RDONLY},
                                   Tree::recursive);
  if (done) {
    done = attach_mount(tree->get(), target->get());
  }
  return done ? done : failed(step.doing, done.error().code);
}

/// The covers, made when first needed: /dev/null of the host for files, one
/// empty directory for all directories.
class Covers {
 public:
  Result<void> cover(int target) noexcept {
    struct stat info{};
    if (::fstat(target, &info) == -1) {
      return sys::fail("fstat");
    }
    return S_ISDIR(info.st_mode) ? cover_directory(target) : cover_file(target);
  }

 private:
  Result<void> cover_file(int target) noexcept {
    if (!null_) {
      auto opened = sys::open("/dev/null", O_PATH | O_NOFOLLOW);
      if (!opened) {
        return std::unexpected(opened.error());
      }
      struct stat info{};
      if (::fstat(opened->get(), &info) == -1 || !S_ISCHR(info.st_mode) ||
          info.st_rdev != makedev(1, 3)) {
        return failed("verify /dev/null", ENODEV);
      }
      null_ = *std::move(opened);
    }
    return attach_clone(null_.get(), target);
  }

  Result<void> cover_directory(int target) noexcept {
    if (empty_) {
      return attach_clone(empty_.get(), target);
    }
    const Handle context = fs_open("tmpfs");
    if (!context) {
      return std::unexpected(context.error());
    }
    auto done = fs_set(context->get(), "mode", "0555");
    if (done) {
      done = fs_create(context->get());
    }
    if (!done) {
      return done;
    }
    Handle mount =
        fs_mount(context->get(), MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID |
                                     MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
    if (!mount) {
      return std::unexpected(mount.error());
    }
    empty_ = *std::move(mount);
    return attach_mount(empty_.get(), target);
  }

  static Result<void> attach_clone(int what, int target) noexcept {
    const Handle tree = clone_tree(what, "", Tree::one_mount);
    if (!tree) {
      return std::unexpected(tree.error());
    }
    return attach_mount(tree->get(), target);
  }

  sys::UniqueFd null_;
  sys::UniqueFd empty_;
};

}  // namespace

Result<void> protect_paths(const ChildSteps& steps) noexcept {
  for (const PathStep& step : steps.read_only_paths) {
    const sys::TraceStep trace(step.doing);
    if (const auto done = make_read_only(steps, step); !done) {
      return done;
    }
  }
  Covers covers;
  for (const PathStep& step : steps.masked_paths) {
    const sys::TraceStep trace(step.doing);
    const Handle target = open_in_root(steps, step.path);
    if (!target && is_missing(target.error().code)) {
      continue;
    }
    if (!target) {
      return failed(step.doing, target.error().code);
    }
    if (const auto done = covers.cover(target->get()); !done) {
      return failed(step.doing, done.error().code);
    }
  }
  return {};
}

}  // namespace docker_cpp::rootfs
