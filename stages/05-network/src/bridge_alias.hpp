// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace docker_cpp::network {

/// The alias of bridges that we made, and so may change and remove. They get
/// it with their birth: one without it, left by a crash, would be nobody's.
inline constexpr const char* bridge_alias = "docker-cpp";

}  // namespace docker_cpp::network
