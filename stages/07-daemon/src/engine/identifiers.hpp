// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace docker_cpp::daemon {

/// 64 random hex digits; never such that the first twelve are all decimal,
/// since those become a hostname.
[[nodiscard]] std::string new_id();

[[nodiscard]] inline std::string short_id(std::string_view id) {
  return std::string(id.substr(0, 12));
}

/// "brave_hopper": for containers that were given no name. From the second
/// attempt on with a digit behind it.
[[nodiscard]] std::string made_up_name(int attempt);

/// Docker's rule: [a-zA-Z0-9][a-zA-Z0-9_.-]+. \throws ApiError
void check_name(std::string_view name);

/// "TERM", "SIGTERM", "15". \throws ApiError `Invalid signal: x`
[[nodiscard]] int parse_signal(std::string_view text);

}  // namespace docker_cpp::daemon
