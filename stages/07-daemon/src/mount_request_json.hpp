// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "docker_cpp/daemon/host_config.hpp"

namespace docker_cpp::daemon {

/// An entry of HostConfig.Mounts, what `--mount` becomes.
[[nodiscard]] nlohmann::json mount_to_json(const MountRequest& mount);
/// \throws ApiError
[[nodiscard]] MountRequest mount_from_json(const nlohmann::json& value);

}  // namespace docker_cpp::daemon
