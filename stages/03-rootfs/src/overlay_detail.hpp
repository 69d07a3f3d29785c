// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "docker_cpp/rootfs/root_plan.hpp"
#include "docker_cpp/sys/unique_fd.hpp"

namespace docker_cpp::rootfs::detail {

/// The options of mount(2), with each directory as /proc/self/fd/N so that a
/// page holds two hundred layers. The handles must outlive the mount.
[[nodiscard]] std::string classic_options(const OverlayRoot& root,
                                          std::vector<sys::UniqueFd>& handles);

/// For kernels before 6.8 and more layers than fsconfig(2) can take.
[[nodiscard]] sys::UniqueFd mount_overlay_classic(const OverlayRoot& root);

}  // namespace docker_cpp::rootfs::detail
