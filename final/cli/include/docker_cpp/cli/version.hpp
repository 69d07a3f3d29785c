// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace docker_cpp::cli {

#ifndef DOCKER_CPP_VERSION
#define DOCKER_CPP_VERSION "0.1.0"
#endif

inline constexpr const char* version_number = DOCKER_CPP_VERSION;
inline constexpr const char* build_commit = "source";
/// The newest version of the Engine API that the client was written for.
inline constexpr const char* client_api_version = "1.50";

}  // namespace docker_cpp::cli
