// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>

#include "exercise.hpp"

std::expected<std::variant<std::uint32_t, std::string>, std::string> parse_user(
    std::string_view text) {
  return static_cast<std::uint32_t>(std::atoll(std::string(text).c_str()));
}
