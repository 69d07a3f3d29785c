// SPDX-License-Identifier: Apache-2.0
#include <time.h>

#include <charconv>
#include <cstdio>
#include <optional>

#include "docker_cpp/daemon/model_json.hpp"

namespace docker_cpp::daemon {
namespace {

constexpr std::int64_t nanoseconds_per_second = 1'000'000'000;

/// Takes a number of exactly `width` digits, then the character `after`.
std::optional<int> take(std::string_view& text, std::size_t width, char after) {
  int value = 0;
  if (text.size() < width) {
    return std::nullopt;
  }
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + width, value);
  if (error != std::errc() || end != text.data() + width || text[0] == '-') {
    return std::nullopt;
  }
  text.remove_prefix(width);
  if (after != '\0') {
    if (text.empty() || text[0] != after) {
      return std::nullopt;
    }
    text.remove_prefix(1);
  }
  return value;
}

std::optional<std::int64_t> take_fraction(std::string_view& text) {
  if (text.empty() || text[0] != '.') {
    return 0;
  }
  text.remove_prefix(1);
  std::int64_t value = 0;
  std::int64_t unit = nanoseconds_per_second;
  while (!text.empty() && text[0] >= '0' && text[0] <= '9') {
    unit /= 10;
    value += unit * (text[0] - '0');
    text.remove_prefix(1);
  }
  return unit == nanoseconds_per_second ? std::nullopt : std::optional(value);
}

/// Seconds east of Greenwich, of "Z" or "+02:00".
std::optional<int> take_offset(std::string_view text) {
  if (text == "Z" || text == "z") {
    return 0;
  }
  if (text.empty() || (text[0] != '+' && text[0] != '-')) {
    return std::nullopt;
  }
  const int sign = text[0] == '-' ? -1 : 1;
  text.remove_prefix(1);
  const auto hours = take(text, 2, ':');
  const auto minutes = hours ? take(text, 2, '\0') : std::nullopt;
  if (!minutes || !text.empty() || *hours > 23 || *minutes > 59) {
    return std::nullopt;
  }
  return sign * (*hours * 3600 + *minutes * 60);
}

std::optional<std::int64_t> take_date_and_time(std::string_view& text) {
  const auto year = take(text, 4, '-');
  const auto month = year ? take(text, 2, '-') : std::nullopt;
  const auto day = month ? take(text, 2, 'T') : std::nullopt;
  const auto hour = day ? take(text, 2, ':') : std::nullopt;
  const auto minute = hour ? take(text, 2, ':') : std::nullopt;
  const auto second = minute ? take(text, 2, '\0') : std::nullopt;
  if (!second || *hour > 23 || *minute > 59 || *second > 60) {
    return std::nullopt;
  }
  using namespace std::chrono;
  const year_month_day date{std::chrono::year{*year},
                            std::chrono::month{static_cast<unsigned>(*month)},
                            std::chrono::day{static_cast<unsigned>(*day)}};
  if (!date.ok()) {
    return std::nullopt;
  }
  return sys_days{date}.time_since_epoch().count() * 86'400LL + *hour * 3600LL +
         *minute * 60LL + *second;
}

}  // namespace

std::string format_time(Time time) {
  const auto total = std::chrono::duration_cast<std::chrono::nanoseconds>(
                         time.time_since_epoch())
                         .count();
  if (total == 0) {
    return "0001-01-01T00:00:00Z";
  }
  const auto fraction =
      ((total % nanoseconds_per_second) + nanoseconds_per_second) %
      nanoseconds_per_second;
  const time_t seconds = (total - fraction) / nanoseconds_per_second;
  tm parts{};
  ::gmtime_r(&seconds, &parts);
  std::array<char, 80> text{};
  const auto size =
      std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &parts);
  std::string out(text.data(), size);
  if (fraction != 0) {
    std::array<char, 16> digits{};
    std::snprintf(digits.data(), digits.size(), ".%09d",
                  static_cast<int>(fraction));
    out += digits.data();
    out.erase(out.find_last_not_of('0') + 1);
  }
  return out + "Z";
}

std::expected<Time, std::string> parse_time(std::string_view text) {
  auto rest = text;
  const auto seconds = take_date_and_time(rest);
  const auto fraction = seconds ? take_fraction(rest) : std::nullopt;
  const auto offset = fraction ? take_offset(rest) : std::nullopt;
  if (!offset) {
    return std::unexpected("invalid time '" + std::string(text) +
                           "': wants RFC 3339, as 2026-01-02T15:04:05.5Z");
  }
  // Go's zero time and everything else before 1970 means "never" here.
  if (*seconds < 0) {
    return Time{};
  }
  return Time{std::chrono::seconds{*seconds - *offset} +
              std::chrono::nanoseconds{*fraction}};
}

}  // namespace docker_cpp::daemon
