// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/cgroups/join.hpp"

#include <sched.h>
#include <unistd.h>

#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::cgroups {

sys::Result<void> JoinCgroup::in_child() const noexcept {
  for (const Tasks& tasks : tasks_) {
    if (::write(tasks.fd.get(), "0", 1) != 1) {
      return sys::fail(tasks.attempt.data());
    }
  }
  return {};
}

sys::Result<void> CgroupNamespace::in_child() const noexcept {
  return sys::unshare(CLONE_NEWCGROUP);
}

}  // namespace docker_cpp::cgroups
