// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <charconv>

#include "exercise.hpp"

std::expected<std::variant<std::uint32_t, std::string>, std::string> parse_user(
    std::string_view text) {
  if (text.empty()) {
    return std::unexpected("an empty user");
  }
  const bool digits =
      std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
  if (!digits) {
    return std::string(text);
  }
  std::uint32_t id = 0;
  const auto [rest, error] =
      std::from_chars(text.data(), text.data() + text.size(), id);
  if (error != std::errc{} || id > 2'147'483'647) {
    return std::unexpected("user id '" + std::string(text) +
                           "' is above 2147483647");
  }
  return id;
}
