// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "docker_cpp/daemon/networks.hpp"

/// Networks as JSON, in the Engine API's words. Reading follows model_json.hpp.
namespace docker_cpp::daemon {

/// What inspect shows, "Containers" left empty.
[[nodiscard]] nlohmann::json network_to_json(const Network& network);
/// The body of POST /networks/create. \throws ApiError
[[nodiscard]] Network network_from_json(const nlohmann::json& value);

/// As records on disk hold it: docs/formats/network-record.md.
[[nodiscard]] std::string network_to_record(const Network& network);
[[nodiscard]] Network network_from_record(std::string_view text);

/// An EndpointSettings that a client sent: what it says about a run that is
/// over or never was is not taken.
[[nodiscard]] Endpoint endpoint_request_from_json(std::string_view network,
                                                  const nlohmann::json& value);

/// Leaves what was asked for, and forgets what one run of the container got.
void forget_run(Endpoint& endpoint);

}  // namespace docker_cpp::daemon
