// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "docker_cpp/daemon/model.hpp"

namespace docker_cpp::daemon {

/// "src:dst[:options]" of `-v`, taken apart. \throws ApiError in Docker's words
[[nodiscard]] MountPoint parse_bind(std::string_view text);

/// All that is asked to be mounted: binds, mounts, what other containers have
/// (`inherited`), volumes of the image. Those of the last two do not replace
/// what is at the same place.
/// Anonymous volumes have no name yet. \throws ApiError
[[nodiscard]] std::vector<MountPoint> requested_mounts(
    const Config& config, const HostConfig& host_config,
    const std::vector<MountPoint>& inherited = {});

/// What `--volumes-from container[:ro|rw]` brings. `find` gives the container.
/// \throws ApiError
[[nodiscard]] std::vector<MountPoint> mounts_of_others(
    const Strings& volumes_from,
    const std::function<std::vector<MountPoint>(std::string_view)>& find);

/// The `--mount` that a mount point came from, if it did.
[[nodiscard]] const MountRequest* request_for(const HostConfig& host_config,
                                              const MountPoint& point);

}  // namespace docker_cpp::daemon
