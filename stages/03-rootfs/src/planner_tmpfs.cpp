// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "planner.hpp"

#include "docker_cpp/rootfs/root_fd.hpp"
#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::rootfs {
namespace {

std::string octal(mode_t mode) {
  std::string digits;
  for (int shift = 9; shift >= 0; shift -= 3) {
    digits += static_cast<char>('0' + ((mode >> shift) & 7));
  }
  return digits;
}

}  // namespace

/// Unless told otherwise, it looks as what it covers: runc's rule. Not where
/// that is in another mount, of which nothing is known yet.
void Planner::inherit_mode(Spec& spec) const {
  for (const FsParameter& parameter : spec.options.parameters) {
    if (parameter.key == "mode") {
      return;
    }
  }
  for (const MountSpec& mount : plan_->mounts) {
    const std::string above = clean_path(mount.destination);
    if (&mount != spec.mount && (spec.path + "/").starts_with(above + "/")) {
      return;
    }
  }
  const RootFd root(must(sys::open_at(steps_->root, ".", O_PATH), spec.doing));
  const auto covered = root.stat(spec.path);
  if (covered && S_ISDIR(covered->st_mode)) {
    spec.options.parameters.push_back(
        {.key = "mode", .value = octal(covered->st_mode & 07777)});
  }
}

void Planner::plan_tmpfs(Spec spec) {
  inherit_mode(spec);
  MountStep step = created(spec);
  const bool later = (step.attributes & MOUNT_ATTR_RDONLY) != 0;
  step.attributes &= ~static_cast<std::uint64_t>(MOUNT_ATTR_RDONLY);
  push(step, spec, Place::Want::directory);
  // Empty and ours: what comes below it needs no looking up.
  const std::size_t base = add_base(spec.path);
  steps_->mounts.back().becomes_base = base;
  if (later) {
    steps_->read_only_later.push_back(base);
  }
}

}  // namespace docker_cpp::rootfs
