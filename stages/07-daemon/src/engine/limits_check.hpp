// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "docker_cpp/daemon/host_config.hpp"

namespace docker_cpp::daemon {

/// Refuses limits that contradict each other or that this machine cannot
/// give, in Docker's words, before anything is made for the container.
/// \throws ApiError invalid_argument
void check_limits(const HostConfig& host);

}  // namespace docker_cpp::daemon
