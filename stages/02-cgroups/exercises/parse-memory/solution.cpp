// SPDX-License-Identifier: Apache-2.0
#include <cctype>
#include <charconv>

#include "exercise.hpp"

std::expected<std::int64_t, std::string> parse_memory(std::string_view text) {
  const auto wrong = std::unexpected("invalid size '" + std::string(text) +
                                     "': expected a number and b, k, m or g");
  if (text == "-1") {
    return -1;
  }
  double number = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] =
      std::from_chars(text.data(), end, number, std::chars_format::fixed);
  if (error != std::errc{} || number < 0) {
    return wrong;
  }
  std::string unit;
  for (const char* at = rest; at != end; ++at) {
    unit += static_cast<char>(std::tolower(static_cast<unsigned char>(*at)));
  }
  if (unit.empty()) {
    unit = "b";
  }
  const auto power = std::string_view("bkmg").find(unit[0]);
  const std::string_view tail = std::string_view(unit).substr(1);
  if (power == std::string_view::npos ||
      (!tail.empty() && (power == 0 || (tail != "b" && tail != "ib")))) {
    return wrong;
  }
  for (std::size_t i = 0; i < power; ++i) {
    number *= 1024;
  }
  if (number >= 9.2e18) {
    return std::unexpected("invalid size '" + std::string(text) +
                           "': too large");
  }
  return static_cast<std::int64_t>(number);
}
