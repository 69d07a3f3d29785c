// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "child_steps.hpp"

#include "docker_cpp/sys/syscalls.hpp"
#include "docker_cpp/sys/trace.hpp"

namespace docker_cpp::rootfs {
namespace {

using sys::Result;

std::unexpected<sys::SysError> failed(const char* doing, int code) noexcept {
  return std::unexpected(sys::SysError{.code = code, .call = doing});
}

/// The device that a container will trust must be that device: an image, or a
/// container beside us, may have put something else there (CVE-2025-31133).
bool is_device(int fd, mode_t type, dev_t number) noexcept {
  struct stat info{};
  return ::fstat(fd, &info) == 0 &&
         (info.st_mode & S_IFMT) == (type & S_IFMT) &&
         (S_ISFIFO(type) || info.st_rdev == number);
}

Result<void> verify_existing(int folder, const DeviceStep& step) noexcept {
  const auto found = sys::open_at(folder, step.name, O_PATH | O_NOFOLLOW);
  if (!found) {
    return failed(step.doing, found.error().code);
  }
  if (!is_device(found->get(), step.type_and_mode, step.number)) {
    return failed(step.doing, EEXIST);
  }
  return {};
}

/// In a user namespace nobody may make devices: bind the host's.
Result<void> bind_device(int folder, const DeviceStep& step) noexcept {
  const auto host = sys::open(step.host_path, O_PATH | O_NOFOLLOW);
  if (!host) {
    return failed(step.doing, host.error().code);
  }
  if (!is_device(host->get(), step.type_and_mode, step.number)) {
    return failed(step.doing, ENODEV);
  }
  const auto target = sys::open_at(
      folder, step.name, O_RDONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0644);
  if (!target) {
    return failed(step.doing, target.error().code);
  }
  const auto tree = clone_tree(host->get(), "", Tree::one_mount);
  if (!tree) {
    return failed(step.doing, tree.error().code);
  }
  if (const auto done = attach_mount(tree->get(), target->get()); !done) {
    return failed(step.doing, done.error().code);
  }
  return {};
}

Result<void> make_in(int folder, const DeviceStep& step) noexcept {
  if (::mknodat(folder, step.name, step.type_and_mode, step.number) == -1) {
    if (errno == EEXIST) {
      return verify_existing(folder, step);
    }
    return errno == EPERM ? bind_device(folder, step)
                          : failed(step.doing, errno);
  }
  if ((step.uid != 0 || step.gid != 0) &&
      ::fchownat(folder, step.name, step.uid, step.gid, AT_SYMLINK_NOFOLLOW) ==
          -1) {
    return failed(step.doing, errno);
  }
  return {};
}

Result<void> make_device(const ChildSteps& steps,
                         const DeviceStep& step) noexcept {
  if (step.folder.path[0] == '\0') {
    return make_in(steps.bases[step.folder.base], step);
  }
  const auto folder = open_place(steps, step.folder);
  if (!folder) {
    return std::unexpected(folder.error());
  }
  return make_in(folder->get(), step);
}

bool is_link(int folder, const LinkStep& link) noexcept {
  char target[4096];
  const ssize_t length =
      ::readlinkat(folder, link.name, target, sizeof target - 1);
  if (length < 0) {
    return false;
  }
  target[length] = '\0';
  return ::strcmp(target, link.target) == 0;
}

}  // namespace

Result<void> make_devices(const ChildSteps& steps) noexcept {
  const sys::TraceStep trace("make the devices");
  for (const DeviceStep& step : steps.devices) {
    if (const auto done = make_device(steps, step); !done) {
      return done;
    }
  }
  for (const LinkStep& link : steps.links) {
    Result<sys::UniqueFd> opened = sys::UniqueFd();
    if (link.folder.path[0] != '\0') {
      opened = open_place(steps, link.folder);
      if (!opened) {
        return std::unexpected(opened.error());
      }
    }
    const int folder = *opened ? opened->get() : steps.bases[link.folder.base];
    if (::symlinkat(link.target, folder, link.name) == 0) {
      continue;
    }
    const int code = errno;
    if (code != EEXIST || (link.exact && !is_link(folder, link))) {
      return failed(link.doing, code);
    }
  }
  return {};
}

Result<void> make_console(const ChildSteps& steps) noexcept {
  const ConsoleStep& console = steps.console;
  if (!console.wanted) {
    return {};
  }
  const auto target = open_place(steps, console.place);
  if (!target) {
    return std::unexpected(target.error());
  }
  sys::UniqueFd cloned;
  int tree = console.tree;
  if (console.devpts != 0) {
    auto made = clone_tree(steps.bases[console.devpts], console.number,
                           Tree::one_mount);
    if (!made) {
      return failed(console.doing, made.error().code);
    }
    cloned = *std::move(made);
    tree = cloned.get();
  }
  if (const auto done = attach_mount(tree, target->get()); !done) {
    return failed(console.doing, done.error().code);
  }
  return {};
}

}  // namespace docker_cpp::rootfs
