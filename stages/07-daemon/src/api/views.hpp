// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "docker_cpp/daemon/model.hpp"

namespace docker_cpp::daemon {
struct EngineInfo;
}

/// A container as clients see it.
namespace docker_cpp::daemon::api {

/// "About a minute", as Go's docker/go-units words a duration.
[[nodiscard]] std::string human_duration(std::chrono::seconds duration);

/// "Up 5 minutes (Paused)", "Exited (0) 2 hours ago", "Created"…
[[nodiscard]] std::string status_text(const Container& container, Time now);

/// The first column of `docker ps` after the image.
[[nodiscard]] std::string command_text(const Container& container);

/// Of GET /containers/{id}/json.
[[nodiscard]] nlohmann::json inspect_view(const Container& container,
                                          const EngineInfo& info);

/// An entry of GET /containers/json.
[[nodiscard]] nlohmann::json list_view(const Container& container, Time now);

/// Bytes of the files in a container's own layer.
[[nodiscard]] std::int64_t layer_size(const std::string& folder);

/// Where that layer is.
[[nodiscard]] std::string layer_folder(const std::string& data_root,
                                       const std::string& id);

}  // namespace docker_cpp::daemon::api
