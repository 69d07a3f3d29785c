// SPDX-License-Identifier: Apache-2.0
// What a container sees of the cgroups is its own, in each hierarchy, bound
// from the host: with a cgroup namespace of its own or without, it looks the
// same, and costs a copy of a mount instead of a new one.
#include <dirent.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <sys/mount.h>
#include <sys/statfs.h>

#include <algorithm>
#include <sstream>

#include "planner.hpp"

#include "docker_cpp/rootfs/root_fd.hpp"
#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/file.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::rootfs {
namespace {

constexpr const char* cgroup_mounts = "/sys/fs/cgroup";

bool is_of(int fd, long type) {
  struct statfs info{};
  return ::fstatfs(fd, &info) == 0 && info.f_type == type;
}

/// The caller's own cgroup in a v1 hierarchy: cgroups(7), /proc/PID/cgroup.
std::string own_cgroup(const std::string& hierarchy) {
  std::istringstream lines(must(sys::read_file("/proc/self/cgroup"),
                                "read which cgroups we are in"));
  for (std::string line; std::getline(lines, line);) {
    const std::size_t first = line.find(':');
    const std::size_t second = line.find(':', first + 1);
    const std::string name = line.substr(first + 1, second - first - 1);
    if (name == hierarchy || name == "name=" + hierarchy) {
      return line.substr(second + 1);
    }
  }
  return "/";
}

MountOptions for_tmpfs(const MountOptions& options) {
  MountOptions plain;
  plain.attributes = options.attributes;
  plain.parameters = {{.key = "mode", .value = "755"}};
  return plain;
}

}  // namespace

void Planner::plan_cgroups(const Spec& spec) {
  const sys::UniqueFd top =
      must(sys::open(cgroup_mounts, O_PATH | O_DIRECTORY), spec.doing);
  if (!is_of(top.get(), CGROUP2_SUPER_MAGIC)) {
    plan_hierarchies(spec);
    return;
  }
  if (plan_->cgroup_path.empty()) {
    const MountSpec cgroup2{.destination = spec.mount->destination,
                            .type = "cgroup2",
                            .source = "cgroup",
                            .options = {}};
    plan_filesystem({.mount = &cgroup2,
                     .options = spec.options,
                     .path = spec.path,
                     .doing = spec.doing});
    // A user namespace may mount cgroup2 only in a cgroup namespace of its
    // own (cgroup_namespaces(7)); without one it gets what the host has.
    steps_->mounts.back().tree = hold(cgroup_tree(spec, top.get()));
    return;
  }
  const sys::UniqueFd cgroup =
      must(sys::open_at(top.get(), clean_path(plan_->cgroup_path).c_str(),
                        O_PATH | O_DIRECTORY),
           spec.doing);
  push({.action = MountStep::Action::attach,
        .tree = hold(cgroup_tree(spec, cgroup.get()))},
       spec, Place::Want::directory);
}

sys::UniqueFd Planner::cgroup_tree(const Spec& spec, int cgroup) {
  sys::UniqueFd tree =
      must(clone_tree(cgroup, "", Tree::one_mount), spec.doing);
  const Attributes& wanted = spec.options.attributes;
  const Attributes& recursive = spec.options.recursive_attributes;
  must(set_mount_attributes(tree.get(),
                            {.set = wanted.set | recursive.set,
                             .clear = wanted.clear | recursive.clear,
                             .propagation = MS_PRIVATE},
                            Tree::one_mount),
       spec.doing);
  return tree;
}

void Planner::plan_hierarchies(const Spec& spec) {
  const MountSpec tmpfs{.destination = spec.mount->destination,
                        .type = "tmpfs",
                        .source = "cgroup",
                        .options = {}};
  plan_tmpfs({.mount = &tmpfs,
              .options = for_tmpfs(spec.options),
              .path = spec.path,
              .doing = spec.doing});
  const RootFd top = must(RootFd::of(cgroup_mounts), spec.doing);
  auto names = must(top.list("/"), spec.doing);
  std::ranges::sort(names);
  for (const std::string& name : names) {
    plan_hierarchy(spec, top, name);
  }
}

void Planner::plan_hierarchy(const Spec& spec, const RootFd& top,
                             const std::string& name) {
  const std::string& given = plan_->cgroup_path;
  const std::string path =
      name + "/" + clean_path(given.empty() ? own_cgroup(name) : given);
  const auto cgroup = sys::open_beneath(
      top.get(), path.c_str(), O_PATH | O_DIRECTORY, 0, RESOLVE_NO_SYMLINKS);
  if (!cgroup && cgroup.error().code == ELOOP) {  // cpu -> cpu,cpuacct
    plan_link(spec.mount->destination + "/" + name,
              must(top.read_link(name), spec.doing));
    return;
  }
  // Not there: the container is in no cgroup of its own in this hierarchy.
  if (!cgroup || !is_of(cgroup->get(), CGROUP_SUPER_MAGIC)) {
    return;
  }
  Spec below = spec;
  below.path = spec.path + "/" + name;
  push({.action = MountStep::Action::attach,
        .tree = hold(cgroup_tree(spec, cgroup->get()))},
       below, Place::Want::directory);
}

}  // namespace docker_cpp::rootfs
