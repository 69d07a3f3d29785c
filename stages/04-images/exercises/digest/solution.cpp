// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "exercise.hpp"

std::optional<std::string> digest_hex(std::string_view text) {
  constexpr std::string_view prefix = "sha256:";
  if (!text.starts_with(prefix) || text.size() != prefix.size() + 64) {
    return std::nullopt;
  }
  text.remove_prefix(prefix.size());
  const bool digits = std::ranges::all_of(text, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
  });
  return digits ? std::optional(std::string(text)) : std::nullopt;
}
