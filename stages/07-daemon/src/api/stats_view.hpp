// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "docker_cpp/cgroups/statistics.hpp"
#include "docker_cpp/daemon/model.hpp"

namespace docker_cpp::daemon::api {

/// What a container uses, as GET /containers/{id}/stats tells it: one sample,
/// `precpu_stats` empty.
[[nodiscard]] nlohmann::json stats_view(const Container& container,
                                        const cgroups::Statistics& used);

/// Of one that does not run.
[[nodiscard]] nlohmann::json empty_stats_view(const Container& container);

}  // namespace docker_cpp::daemon::api
