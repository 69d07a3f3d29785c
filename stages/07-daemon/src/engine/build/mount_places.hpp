// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "docker_cpp/rootfs/root_fd.hpp"

namespace docker_cpp::daemon {

struct MountPlace {
  std::string path;
  bool folder = true;
};

/// Where every container has something mounted.
[[nodiscard]] std::vector<MountPlace> default_places();

/// Makes, in `layer`, what of a place is not in `root`, below folders that
/// look as those of `root` do: laid over it, the layer changes nothing else.
/// \throws Error
void add_place(const rootfs::RootFd& root, const rootfs::RootFd& layer,
               const MountPlace& place);

/// Owner, mode and times of one folder for another.
void copy_attributes(const rootfs::RootFd& from, const std::string& path,
                     const rootfs::RootFd& into, const std::string& target);

}  // namespace docker_cpp::daemon
