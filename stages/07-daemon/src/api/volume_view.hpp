// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "context.hpp"

#include "docker_cpp/daemon/volume_manager.hpp"

namespace docker_cpp::daemon::api {

[[nodiscard]] VolumeManager volumes_of(const Context& context);

/// Ids of the containers that have it mounted, or will have.
[[nodiscard]] Strings users_of_volume(const Context& context,
                                      const std::string& name);

[[nodiscard]] nlohmann::json volume_view(const Volume& volume);

}  // namespace docker_cpp::daemon::api
