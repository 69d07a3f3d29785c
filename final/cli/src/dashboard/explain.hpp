// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "docker_cpp/cli/value.hpp"

namespace docker_cpp::cli {

/// What keeps a container apart from the machine, and what it shares with it:
/// topics, each with a sentence, from what `inspect` says of it.
[[nodiscard]] std::vector<std::pair<std::string, std::string>>
explain_container(const Value& container);

}  // namespace docker_cpp::cli
