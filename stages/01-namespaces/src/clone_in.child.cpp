// SPDX-License-Identifier: Apache-2.0
// Whoever joins a user namespace cannot come back, and namespaces belong to
// the user namespace of whoever makes them: user_namespaces(7). So a helper
// joins, then clones the container with CLONE_PARENT, which makes it a child
// of the engine's all the same, and ends.
#include "clone_in.hpp"

#include <linux/sched.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <iterator>

#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::namespaces {
namespace {

constexpr unsigned long get_type = 0xb703;  // NS_GET_NSTYPE, ioctl_ns(2)

bool is_user_namespace(int fd) noexcept {
  return ::ioctl(fd, get_type) == CLONE_NEWUSER;
}

/// Some namespaces can be joined only with the privileges of before, others
/// only with those that the user namespace gives: the first before, the
/// second after it.
bool join_all(std::span<const int> namespaces) noexcept {
  bool joined[8] = {};
  int users = -1;
  std::size_t at = 0;
  for (const int fd : namespaces.first(
           std::min<std::size_t>(namespaces.size(), std::size(joined)))) {
    if (is_user_namespace(fd)) {
      users = fd;
      joined[at] = true;
    } else {
      joined[at] = sys::join_namespace(fd, 0).has_value();
      if (!joined[at] && errno != EPERM) {
        return false;
      }
    }
    ++at;
  }
  if (users != -1 && !sys::join_namespace(users, CLONE_NEWUSER)) {
    return false;
  }
  for (std::size_t i = 0; i < at; ++i) {
    if (!joined[i] && !sys::join_namespace(namespaces[i], 0)) {
      return false;
    }
  }
  return true;
}

}  // namespace

int join_and_clone(void* clone) noexcept {
  auto& wanted = *static_cast<CloneIn*>(clone);
  if (!join_all(wanted.namespaces)) {
    wanted.code = errno;
    wanted.call = "setns";
    return 1;
  }
  clone_args how{};
  // A sibling's death tells the same parent by the same signal, so none may
  // be named: clone(2), CLONE_PARENT.
  how.flags = wanted.flags | CLONE_PIDFD | CLONE_PARENT;
  how.pidfd = reinterpret_cast<std::uint64_t>(&wanted.pidfd);
  if ((how.flags & CLONE_INTO_CGROUP) != 0) {
    how.cgroup = static_cast<std::uint64_t>(wanted.cgroup);
  }
  const long pid = ::syscall(SYS_clone3, &how, sizeof how);
  if (pid == 0) {
    ::close(wanted.parents_end);
    run_child(*wanted.plan);
  }
  wanted.pid = static_cast<pid_t>(pid);
  if (pid == -1) {
    wanted.code = errno;
    wanted.call = "clone3";
  }
  return 0;
}

}  // namespace docker_cpp::namespaces
