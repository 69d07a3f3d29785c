// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "docker_cpp/sys/result.hpp"

/// How much a folder may hold. The file system counts by project: a number
/// that each file takes over from its folder. ext4 with the feature `project`
/// mounted with prjquota, XFS with pquota. \man{quotactl,2}
namespace docker_cpp::rootfs {

/// Whether the file system of this open folder holds projects to their limits.
[[nodiscard]] bool has_project_quota(int folder);

/// What is made in the folder from now on counts for `project`.
[[nodiscard]] sys::Result<void> set_project(int folder, std::uint32_t project);

/// All that counts for `project` on the file system of `folder` may take so
/// many bytes; 0: as many as there are. Rounded up to whole kibibytes.
[[nodiscard]] sys::Result<void> limit_project(int folder, std::uint32_t project,
                                              std::uint64_t bytes);

}  // namespace docker_cpp::rootfs
