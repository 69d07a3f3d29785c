// SPDX-License-Identifier: Apache-2.0
#include "foreign_tree.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/wait.h>

#include <cerrno>
#include <csignal>
#include <vector>

#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::rootfs {
namespace {

constexpr std::size_t stack_size = std::size_t{64} << 10U;

/// "/proc/PID" of "/proc/PID/root/...".
std::string process_of(const std::string& source) {
  constexpr std::size_t digits = 6;  // behind "/proc/"
  const std::size_t slash = source.find('/', digits);
  const bool sound = source.starts_with("/proc/") &&
                     slash != std::string::npos && slash > digits &&
                     source.find_first_not_of("0123456789", digits) == slash &&
                     source.compare(slash, digits, "/root/") == 0;
  if (!sound) {
    throw Error({.code = EINVAL, .call = "open_tree"}, "mount " + source);
  }
  return source.substr(0, slash);
}

}  // namespace

sys::UniqueFd clone_foreign_tree(const std::string& source, int handle,
                                 Tree extent) {
  const std::string where = process_of(source) + "/ns/mnt";
  const auto space = must(sys::open(where.c_str(), O_RDONLY),
                          "open the mount namespace " + where);
  ForeignTree task{
      .mount_namespace = space.get(), .handle = handle, .extent = extent};
  std::vector<char> stack(stack_size);
  // It shares descriptors, so that its result is ours; but not the working
  // directory and root (CLONE_FS), which joining a mount namespace changes.
  const pid_t helper =
      ::clone(copy_foreign_tree, stack.data() + stack.size(),
              CLONE_VM | CLONE_VFORK | CLONE_FILES | SIGCHLD, &task);
  must(sys::check(helper, "clone"), "look into the mounts of " + source);
  ::waitpid(helper, nullptr, 0);
  if (task.result < 0) {
    throw Error({.code = -task.result, .call = "open_tree"}, "mount " + source);
  }
  return sys::UniqueFd(task.result);
}

}  // namespace docker_cpp::rootfs
