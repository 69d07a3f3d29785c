// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <unistd.h>

#include <sstream>

#include "docker_cpp/cgroups/cgroup.hpp"
#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/file.hpp"

namespace docker_cpp::cgroups {
namespace {

/// What the kernel says may be given away; what could be before it said so.
std::string delegated_files() {
  return sys::read_file("/sys/kernel/cgroup/delegate")
      .value_or("cgroup.procs cgroup.subtree_control cgroup.threads");
}

void give(const ControlDirectory& directory, uid_t owner) {
  const std::string doing = "delegate the cgroup " + directory.path;
  constexpr auto same_group = static_cast<gid_t>(-1);
  must(sys::check_void(::fchownat(directory.fd.get(), ".", owner, same_group,
                                  AT_SYMLINK_NOFOLLOW),
                       "fchownat"),
       doing);
  std::istringstream names(delegated_files());
  for (std::string name; names >> name;) {
    const int done = ::fchownat(directory.fd.get(), name.c_str(), owner,
                                same_group, AT_SYMLINK_NOFOLLOW);
    // The list names the files of all controllers, enabled here or not.
    if (done == -1 && errno != ENOENT) {
      throw Error({.code = errno, .call = "fchownat"}, doing + "/" + name);
    }
  }
}

}  // namespace

void Cgroup::delegate_to(uid_t owner) const {
  for (const ControlDirectory& directory : directories()) {
    if (directory.hierarchy.unified) {
      give(directory, owner);
    }
  }
}

}  // namespace docker_cpp::cgroups
