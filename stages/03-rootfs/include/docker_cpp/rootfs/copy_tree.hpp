// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "docker_cpp/rootfs/root_fd.hpp"

namespace docker_cpp::rootfs {

/// Copies what is in one directory into another: contents, owners, modes,
/// times, extended attributes, hard links, holes, links as they are, devices,
/// fifos. Both are given by handle; no link is followed, no other mount is
/// entered. \throws Error naming the entry
void copy_tree(const RootFd& from, const RootFd& into);

/// What an image holds at `path` goes into a volume that is mounted there for
/// the first time: owner and mode of the directory, and its content. Does
/// nothing when the volume is not empty or the image has no such directory.
/// Returns whether something was copied. \throws Error
bool copy_up(const RootFd& image, const std::string& path,
             const RootFd& volume);

}  // namespace docker_cpp::rootfs
