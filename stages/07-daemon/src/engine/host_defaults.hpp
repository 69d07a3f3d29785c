// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "docker_cpp/daemon/container_defaults.hpp"
#include "docker_cpp/daemon/model.hpp"

namespace docker_cpp::daemon {

/// What a container says nothing of, as Docker echoes it in inspect.
void fill_host_defaults(HostConfig& host, const ContainerDefaults& defaults);

/// What would only be found out when the container starts is refused now.
/// \throws ApiError with Docker's sentence
void check_container(const Container& container,
                     const ContainerDefaults& defaults);

/// The part that an update may change. \throws ApiError
void check_restart_policy(const HostConfig& host);

}  // namespace docker_cpp::daemon
