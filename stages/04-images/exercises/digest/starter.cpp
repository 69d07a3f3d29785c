// SPDX-License-Identifier: Apache-2.0
#include "exercise.hpp"

std::optional<std::string> digest_hex(std::string_view text) {
  const auto colon = text.find(':');
  return std::string(text.substr(colon + 1));
}
