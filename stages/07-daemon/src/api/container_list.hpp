// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "call.hpp"
#include "context.hpp"

namespace docker_cpp::daemon::api {

/// The containers that a GET /containers/json asks for, newest first.
/// \throws ApiError for a filter that is none
[[nodiscard]] std::vector<ContainerPtr> select_containers(
    const Context& context, const http::Query& query);

/// Those that POST /containers/prune may remove.
[[nodiscard]] std::vector<ContainerPtr> prunable_containers(
    const Context& context, const http::Query& query);

/// A point in time from a query or a filter: seconds with or without a
/// fraction, RFC 3339, or a duration ago ("10m"); nothing for "" and "0".
/// \throws ApiError
[[nodiscard]] std::optional<Time> parse_moment(const std::string& text);

}  // namespace docker_cpp::daemon::api
