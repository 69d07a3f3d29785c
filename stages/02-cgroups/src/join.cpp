// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/cgroups/join.hpp"

#include <fcntl.h>
#include <linux/sched.h>

#include <utility>

#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::cgroups {

JoinCgroup::JoinCgroup(const Cgroup& cgroup) {
  for (const ControlDirectory& directory : cgroup.directories()) {
    if (directory.hierarchy.unified) {
      born_in_ =
          must(sys::open_at(directory.fd.get(), ".", O_RDONLY | O_DIRECTORY),
               "open the cgroup " + directory.path);
      continue;
    }
    const std::string file = directory.path + "/tasks";
    tasks_.push_back(
        {.fd = must(sys::open_at(directory.fd.get(), "tasks", O_WRONLY),
                    "open " + file),
         .attempt = "write 0 to " + file});
  }
}

const char* JoinCgroup::name() const noexcept {
  return "join the cgroup";
}

void JoinCgroup::prepare(namespaces::CloneRequest& request) {
  if (born_in_) {
    request.flags |= CLONE_INTO_CGROUP;
    request.cgroup = born_in_.get();
  }
}

const char* CgroupNamespace::name() const noexcept {
  return "make the cgroup namespace";
}

}  // namespace docker_cpp::cgroups
