// SPDX-License-Identifier: Apache-2.0
#include "criu_mounts.hpp"

#include <algorithm>

#include "docker_cpp/cgroups/hierarchies.hpp"

namespace docker_cpp::runtime {
namespace {

bool is_bind(const rootfs::MountSpec& mount) {
  return mount.type == "bind" ||
         std::ranges::any_of(mount.options, [](const std::string& word) {
           return word == "bind" || word == "rbind";
         });
}

/// "cpu,cpuacct": what a hierarchy is called below /sys/fs/cgroup.
std::string name_of(const cgroups::Hierarchy& hierarchy) {
  return hierarchy.mount_point.substr(hierarchy.mount_point.rfind('/') + 1);
}

}  // namespace

std::vector<ExternalMount> external_mounts(const oci::Spec& spec,
                                           const std::string& cgroup_path) {
  std::vector<ExternalMount> all;
  const auto hierarchies = cgroups::Hierarchies::detect();
  for (const rootfs::MountSpec& mount : spec.mounts) {
    if (is_bind(mount)) {
      all.push_back({mount.destination, mount.source});
    } else if (mount.type == "cgroup" &&
               hierarchies.version() != cgroups::Version::v2) {
      for (const cgroups::Hierarchy& one : hierarchies.all()) {
        all.push_back({mount.destination + "/" + name_of(one),
                       one.mount_point + cgroup_path});
      }
    }
  }
  return all;
}

}  // namespace docker_cpp::runtime
