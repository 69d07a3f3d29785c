// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "docker_cpp/daemon/model.hpp"

namespace docker_cpp::daemon {

/// "src:dst[:options]" of `-v`, taken apart. \throws ApiError in Docker's words
[[nodiscard]] MountPoint parse_bind(std::string_view text);

/// All that is asked to be mounted: binds, mounts, volumes of the image. Those
/// of a later list do not replace those of an earlier one at the same place.
/// Anonymous volumes have no name yet. \throws ApiError
[[nodiscard]] std::vector<MountPoint> requested_mounts(
    const Config& config, const HostConfig& host_config);

}  // namespace docker_cpp::daemon
