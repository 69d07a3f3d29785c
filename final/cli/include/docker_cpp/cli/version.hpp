// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "docker_cpp/build_info.hpp"

namespace docker_cpp::cli {

/// The newest version of the Engine API that the client was written for.
inline constexpr const char* client_api_version = "1.50";

}  // namespace docker_cpp::cli
