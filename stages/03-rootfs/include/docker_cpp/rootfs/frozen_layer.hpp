// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "docker_cpp/rootfs/root_fd.hpp"

/// A writable layer that somebody wants to go back to, or to make a second
/// container of. overlayfs forbids changes below a mounted overlay, so the
/// layer must not be written any more: either it becomes a layer to stand on,
/// and an empty one takes its place; or, while a program still has it mounted,
/// it is copied. \man{overlayfs} "Changes to underlying filesystems"
namespace docker_cpp::rootfs {

/// Gives the empty folder `into` the owner, mode and attributes of `layer`:
/// the top of a root shows those of the uppermost layer. \throws Error
void copy_top(const RootFd& layer, const RootFd& into);

/// The layer `upper` in the folder `home`, which nobody has mounted, and the
/// empty folder `fs` in `frozen` change places, at once, whatever their size;
/// durable when it returns. \throws Error
void freeze_layer(int home, int frozen);

/// Copies a layer as it is, whiteouts and marks of overlayfs included; files
/// share their blocks where the file system can. \throws Error
void copy_layer(const RootFd& layer, const RootFd& into);

}  // namespace docker_cpp::rootfs
