// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "docker_cpp/daemon/container_runtime.hpp"
#include "docker_cpp/daemon/model.hpp"

/// The model as JSON, in the Engine API's words, for clients and for records
/// on disk alike.
///
/// Reading follows Go's encoding/json, because that is what clients were
/// written against: keys match in any case, null and a missing key leave the
/// default, unknown keys are ignored, a value of the wrong type is refused.
/// Every function here throws ApiError(invalid_argument) for such input.
namespace docker_cpp::daemon {

/// Parses text that must be one JSON document, nested at most 64 deep.
/// Go's sentence on failure: "invalid character 'g' looking for beginning of
/// value".
[[nodiscard]] nlohmann::json parse_json(std::string_view text);

/// Compact, bytes that are not UTF-8 replaced: never throws for content.
[[nodiscard]] std::string dump(const nlohmann::json& value);

[[nodiscard]] nlohmann::json config_to_json(const Config& config);
[[nodiscard]] Config config_from_json(const nlohmann::json& value);

[[nodiscard]] nlohmann::json healthcheck_to_json(const HealthCheck& check);
[[nodiscard]] HealthCheck healthcheck_from_json(const nlohmann::json& value);
[[nodiscard]] nlohmann::json health_to_json(const Health& health);
[[nodiscard]] Health health_from_json(const nlohmann::json& value);

[[nodiscard]] nlohmann::json host_config_to_json(const HostConfig& config);
[[nodiscard]] HostConfig host_config_from_json(const nlohmann::json& value);

/// {"80/tcp": [{"HostIp": ..., "HostPort": ...}], "90/tcp": null}
[[nodiscard]] nlohmann::json port_map_to_json(const PortMap& ports);
[[nodiscard]] PortMap port_map_from_json(const nlohmann::json& value);

/// An EndpointSettings, and NetworkingConfig.EndpointsConfig by network name.
[[nodiscard]] nlohmann::json endpoint_to_json(const Endpoint& endpoint);
[[nodiscard]] Endpoint endpoint_from_json(std::string_view network,
                                          const nlohmann::json& value);

[[nodiscard]] nlohmann::json mount_point_to_json(const MountPoint& mount);

/// The body of POST /containers/create: a Config with HostConfig and
/// NetworkingConfig beside its fields. The name comes from the query.
[[nodiscard]] CreateRequest create_request_from_json(std::string_view body);

/// The body of POST /containers/{id}/update.
[[nodiscard]] UpdateRequest update_request_from_json(std::string_view body);

/// A container whole, as records on disk hold it.
[[nodiscard]] std::string container_to_record(const Container& container);
[[nodiscard]] Container container_from_record(std::string_view text);

[[nodiscard]] ExecRequest exec_request_from_json(std::string_view body);

/// RFC 3339 in UTC with nanoseconds, as Go prints it: trailing zeros cut;
/// a Time of 0 is Go's zero time, "0001-01-01T00:00:00Z".
[[nodiscard]] std::string format_time(Time time);

/// RFC 3339 with any offset and 0 to 9 digits of fraction.
[[nodiscard]] std::expected<Time, std::string> parse_time(
    std::string_view text);

}  // namespace docker_cpp::daemon
