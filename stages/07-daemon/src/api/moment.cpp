// SPDX-License-Identifier: Apache-2.0
#include <charconv>

#include "container_list.hpp"

#include "docker_cpp/daemon/model_json.hpp"

namespace docker_cpp::daemon::api {
namespace {

using std::chrono::nanoseconds;

/// "1795284096.5": Docker's clients send seconds with nine digits after.
std::optional<Time> unix_seconds(std::string_view text) {
  std::int64_t seconds = 0;
  const char* end = text.data() + text.size();
  auto [at, error] = std::from_chars(text.data(), end, seconds);
  // Later than the year 2200 is for ever: a clock of nanoseconds ends there.
  constexpr std::int64_t latest = 7'258'118'400;
  if (error != std::errc() || (at != end && *at != '.')) {
    return std::nullopt;
  }
  std::int64_t fraction = 0;
  std::int64_t unit = 1'000'000'000;
  for (at += at == end ? 0 : 1; at != end; ++at) {
    if (*at < '0' || *at > '9') {
      return std::nullopt;
    }
    unit /= 10;
    fraction += unit * (*at - '0');
  }
  seconds = std::min(seconds, latest);
  return Time{std::chrono::seconds{seconds} + nanoseconds{fraction}};
}

/// Go's durations: "1h30m", "10s", "500ms".
std::optional<nanoseconds> duration(std::string_view text) {
  struct Unit {
    std::string_view name;
    nanoseconds length;
  };
  using namespace std::chrono_literals;
  static constexpr std::array units = {Unit{"ms", 1ms}, Unit{"us", 1us},
                                       Unit{"ns", 1ns}, Unit{"h", 1h},
                                       Unit{"m", 1min}, Unit{"s", 1s}};
  nanoseconds total{0};
  while (!text.empty()) {
    double count = 0;
    const auto [at, error] =
        std::from_chars(text.data(), text.data() + text.size(), count);
    if (error != std::errc() || !(count >= 0) || count > 1e9) {
      return std::nullopt;
    }
    text.remove_prefix(static_cast<std::size_t>(at - text.data()));
    const auto* unit = std::ranges::find_if(
        units, [&](const Unit& one) { return text.starts_with(one.name); });
    if (unit == units.end()) {
      return std::nullopt;
    }
    total += nanoseconds(static_cast<std::int64_t>(
        count * static_cast<double>(unit->length.count())));
    text.remove_prefix(unit->name.size());
  }
  return total;
}

}  // namespace

std::optional<Time> parse_moment(const std::string& text) {
  if (text.empty() || text == "0") {
    return std::nullopt;
  }
  if (const auto seconds = unix_seconds(text)) {
    return seconds;
  }
  if (const auto ago = duration(text)) {
    return std::chrono::system_clock::now() - *ago;
  }
  if (auto time = parse_time(text)) {
    return *time;
  }
  throw ApiError(ErrorCode::invalid_argument,
                 "invalid time '" + text +
                     "': wants seconds since 1970, RFC 3339, or a duration "
                     "as 10m");
}

}  // namespace docker_cpp::daemon::api
