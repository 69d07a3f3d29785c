// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "docker_cpp/daemon/model.hpp"

namespace docker_cpp::daemon {

/// Our own runtime gets the system call filter compiled; others get it in the
/// configuration, as the OCI writes it. \throws ApiError
[[nodiscard]] std::string with_seccomp(const std::string& config_json,
                                       const HostConfig& host);

}  // namespace docker_cpp::daemon
