// SPDX-License-Identifier: Apache-2.0
// Volumes with options are mounted with their first container, and unmounted
// with their last.
#include "container_volumes.hpp"

#include <algorithm>

namespace docker_cpp::daemon {

void mount_volumes(Context& context, const Container& container) {
  for (const MountPoint& mount : container.mounts) {
    if (mount.type == "volume") {
      context.volumes.attach(mount.name);
    }
  }
}

void unmount_volumes(Context& context, const Container& container) noexcept {
  try {
    const auto containers = context.registry.list();
    for (const MountPoint& mount : container.mounts) {
      const bool used =
          std::ranges::any_of(containers, [&](const ContainerPtr& other) {
            return other->id != container.id &&
                   (other->state == State::running ||
                    other->state == State::paused) &&
                   std::ranges::any_of(other->mounts,
                                       [&](const MountPoint& theirs) {
                                         return theirs.name == mount.name;
                                       });
          });
      if (mount.type == "volume" && !used) {
        context.volumes.detach(mount.name);
      }
    }
  } catch (const std::exception& error) {
    context.warn(error.what());
  }
}

}  // namespace docker_cpp::daemon
