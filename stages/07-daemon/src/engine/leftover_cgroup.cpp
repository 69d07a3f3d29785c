// SPDX-License-Identifier: Apache-2.0
#include "leftover_cgroup.hpp"

#include <csignal>
#include <exception>
#include <optional>

#include "docker_cpp/cgroups/cgroup.hpp"

namespace docker_cpp::daemon {
namespace {

/// One that is there in some hierarchies only is completed first.
cgroups::Cgroup whole(const std::string& path) {
  try {
    return cgroups::Cgroup::open(path);
  } catch (const std::exception&) {
    return cgroups::Cgroup::create(path);
  }
}

}  // namespace

void release_leftover_cgroup(const std::string& path) noexcept {
  try {
    cgroups::Cgroup group = whole(path);
    group.kill_all(SIGKILL);
    group.remove();
  } catch (const std::exception&) {
    // The next start of the container, or of the daemon, tries again.
  }
}

}  // namespace docker_cpp::daemon
