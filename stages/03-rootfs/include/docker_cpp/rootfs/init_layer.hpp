// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "docker_cpp/rootfs/root_fd.hpp"

namespace docker_cpp::rootfs {

/// Fills an empty layer with the places that a container's mounts need: /dev,
/// /proc, /sys, /etc/hosts, /etc/hostname, /etc/resolv.conf and the others of
/// Docker's own init layer. As the top one of the read-only layers it can be
/// shared by all containers; then none has to make them in its writable layer,
/// where `diff` and `commit` would find them. Does no harm done twice.
/// \throws Error naming the entry
void make_init_layer(const RootFd& layer);

}  // namespace docker_cpp::rootfs
