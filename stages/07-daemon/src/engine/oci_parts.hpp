// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>

#include "oci_config.hpp"

#include "docker_cpp/daemon/model.hpp"

/// The parts of an OCI configuration, each from the options it comes from.
/// Each \throws ApiError naming the option.
namespace docker_cpp::daemon {

using nlohmann::json;

[[nodiscard]] json user_part(const std::string& user, const Strings& group_add);
[[nodiscard]] json rlimits_part(const std::vector<Ulimit>& ulimits);
[[nodiscard]] json mounts_part(const Container& container,
                               const OciContext& context);
[[nodiscard]] json namespaces_part(const HostConfig& host,
                                   const OciContext& context);
[[nodiscard]] json resources_part(const HostConfig& host);
[[nodiscard]] json block_io_part(const HostConfig& host);
[[nodiscard]] json devices_part(const HostConfig& host);
[[nodiscard]] json device_rules_part(const HostConfig& host);
[[nodiscard]] json sysctls_part(const HostConfig& host);

}  // namespace docker_cpp::daemon
