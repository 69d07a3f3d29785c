// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "docker_cpp/rootfs/root_plan.hpp"
#include "docker_cpp/sys/unique_fd.hpp"

namespace docker_cpp::rootfs {

/// A detached overlay mount: it exists as long as its handle, or wherever it
/// is attached. Layers may have any name, and there may be hundreds.
/// \throws Error naming the layer or directory at fault
[[nodiscard]] sys::UniqueFd mount_overlay(const OverlayRoot& root);

}  // namespace docker_cpp::rootfs
