// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "docker_cpp/cli/value.hpp"

/// The short forms that need more than a line: ports, mounts, references.
namespace docker_cpp::cli::compose {

[[nodiscard]] Value ports_of(const Value& value, const std::string& place);
[[nodiscard]] Value volumes_of(const Value& value, const std::string& folder,
                               const std::string& place);
/// secrets and configs.
[[nodiscard]] Value references_of(const Value& value);
/// As "name=address" texts.
[[nodiscard]] Value extra_hosts(const Value& value);

}  // namespace docker_cpp::cli::compose
