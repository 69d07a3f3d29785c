// SPDX-License-Identifier: Apache-2.0
#include "oci_cgroup.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "docker_cpp/namespaces/user_namespace.hpp"
#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/file.hpp"

namespace docker_cpp::oci {
namespace {

/// Devices aside: those a user without privileges cannot reach anyway.
bool has_limits(const cgroups::Resources& wanted) {
  return wanted.memory_limit || wanted.memory_reservation ||
         wanted.memory_swap || wanted.cpu_shares || wanted.cpu_quota ||
         wanted.pids_limit || wanted.io_weight || !wanted.unified.empty() ||
         !wanted.cpuset_cpus.empty() || !wanted.cpuset_mems.empty();
}

bool may_not_make_cgroups(const Error& error) {
  const int code = error.code().value();
  return code == EACCES || code == EPERM || code == EROFS;
}

/// Or root of a user namespace, which is the same to the host's files.
bool is_ordinary_user() {
  const auto map = namespaces::parse_id_map(
      sys::read_file("/proc/self/uid_map").value_or("").c_str());
  const bool everybody = map.size() == 1 && map[0].count == 0xffffffffU;
  return ::geteuid() != 0 || !everybody;
}

bool makes_cgroup_namespace(const LinuxSpec& linux_spec) {
  const NamespaceSpec* found =
      find_namespace(linux_spec, namespaces::Kind::cgroup);
  return found != nullptr && found->path.empty();
}

}  // namespace

cgroups::Resources cgroup_resources_of(const Spec& spec) {
  cgroups::Resources resources = spec.linux_spec.resources;
  for (cgroups::DeviceRule& rule : cgroups::default_device_rules()) {
    resources.devices.push_back(std::move(rule));
  }
  return resources;
}

std::unique_ptr<NewCgroup> make_cgroup(const Spec& spec, const std::string& id,
                                       CgroupUse use) {
  const cgroups::Resources& wanted = spec.linux_spec.resources;
  if (use == CgroupUse::none) {
    if (has_limits(wanted)) {
      throw SpecError("linux.resources", "there is to be no cgroup for them");
    }
    return nullptr;
  }
  try {
    return std::make_unique<NewCgroup>(cgroup_path_of(spec, id),
                                       cgroup_resources_of(spec));
  } catch (const Error& error) {
    if (use == CgroupUse::required || !may_not_make_cgroups(error) ||
        !is_ordinary_user()) {
      throw;
    }
    if (has_limits(wanted)) {
      throw SpecError("linux.resources",
                      std::string("this user may not make a cgroup for it: ") +
                          error.what());
    }
  }
  return nullptr;
}

std::string visible_cgroup(const cgroups::SystemdUnit& unit) {
  // On version 2 the child mounts the tree itself, once it is in the scope: a
  // path could not be opened yet.
  const bool unified =
      cgroups::Hierarchies::detect().version() == cgroups::Version::v2;
  return unified ? "" : unit.cgroup_path();
}

void delegate(const cgroups::Cgroup& cgroup, const Spec& spec, uid_t owner) {
  const auto writable = [](const rootfs::MountSpec& mount) {
    return mount.type.starts_with("cgroup") &&
           std::ranges::find(mount.options, "ro") == mount.options.end();
  };
  if (cgroup.version() == cgroups::Version::v2 && owner != 0 &&
      makes_cgroup_namespace(spec.linux_spec) &&
      std::ranges::any_of(spec.mounts, writable)) {
    cgroup.delegate_to(owner);
  }
}

}  // namespace docker_cpp::oci
