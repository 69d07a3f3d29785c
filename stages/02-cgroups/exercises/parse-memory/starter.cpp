// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>

#include "exercise.hpp"

std::expected<std::int64_t, std::string> parse_memory(std::string_view text) {
  return std::atoll(std::string(text).c_str()) * 1024 * 1024;
}
