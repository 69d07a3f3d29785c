// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <string_view>

namespace docker_cpp::images {

/// The images that come with the engine, inside docker-cpp-worker: what a
/// fresh machine without a network can run.
inline constexpr std::array<std::string_view, 2> embedded_names = {
    "docker.io/library/busybox:latest", "docker.io/library/hello-world:latest"};

}  // namespace docker_cpp::images
