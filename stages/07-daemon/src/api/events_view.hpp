// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "filters.hpp"

#include "docker_cpp/daemon/events.hpp"

namespace docker_cpp::daemon::api {

/// An event as a line of GET /events, with the fields of old clients (status,
/// id, from) where Docker gives them: for containers and images.
[[nodiscard]] nlohmann::json event_view(const Event& event);

/// Whether the filters of GET /events let it pass.
[[nodiscard]] bool accepts_event(const Filters& filters, const Event& event);

}  // namespace docker_cpp::daemon::api
