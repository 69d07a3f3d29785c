// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "docker_cpp/daemon/model.hpp"
#include "docker_cpp/daemon/monitor_config.hpp"

namespace docker_cpp::daemon {

/// \throws ApiError with Docker's sentence when --log-driver or a --log-opt
///   makes no sense
void check_log_config(const HostConfig& host);

/// Whether `docker logs` can read what the driver keeps: all but none. Of what
/// goes elsewhere a copy is kept here, unless `cache-disabled` says no.
[[nodiscard]] bool keeps_log(const HostConfig& host);

/// Everything of a monitor's configuration that is about the log: limits, tag,
/// attributes, and the address of whom it is sent to, resolved to numbers,
/// because the static monitor has no resolver.
/// \throws ApiError
void configure_log(const Container& container, monitor::MonitorConfig& config);

/// {{.Name}}/{{.ID}} and the like. \throws ApiError naming what is unknown
[[nodiscard]] std::string expand_tag(std::string_view tag,
                                     const Container& container);

/// "udp:192.0.2.1:514", "tcp:…", "unix:/dev/log" from a driver's address.
/// \throws ApiError
[[nodiscard]] std::string numeric_address(std::string_view address,
                                          std::string_view standard_port);

}  // namespace docker_cpp::daemon
