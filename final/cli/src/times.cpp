// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/cli/times.hpp"

#include <array>
#include <cstdio>
#include <ctime>

#include "docker_cpp/cli/failure.hpp"
#include "docker_cpp/cli/units.hpp"

namespace docker_cpp::cli {
namespace {

std::string formatted(const char* format, const std::tm& parts) {
  std::array<char, 96> text{};
  const auto length = std::strftime(text.data(), text.size(), format, &parts);
  return {text.data(), length};
}

std::tm local(std::int64_t seconds) {
  const std::time_t time = seconds;
  std::tm parts{};
  ::localtime_r(&time, &parts);
  return parts;
}

/// "Z" or "+01:00".
std::string zone(const std::tm& parts) {
  if (parts.tm_gmtoff == 0) {
    return "Z";
  }
  auto text = formatted("%z", parts);
  return text.insert(3, ":");
}

/// Reads `count` digits, and the separator that follows if there is one.
bool take(std::string_view& text, std::size_t count, int& into) {
  if (text.size() < count) {
    return false;
  }
  const auto number = parse_unsigned(text.substr(0, count), 32);
  if (!number || text.front() == '+') {
    return false;
  }
  into = static_cast<int>(*number);
  text.remove_prefix(count);
  return true;
}

bool skip(std::string_view& text, char separator) {
  if (!text.starts_with(separator)) {
    return false;
  }
  text.remove_prefix(1);
  return true;
}

bool take_clock(std::string_view& text, std::tm& parts, int& nanoseconds) {
  if (!take(text, 2, parts.tm_hour)) {
    return false;
  }
  if (skip(text, ':') && !take(text, 2, parts.tm_min)) {
    return false;
  }
  if (skip(text, ':') && !take(text, 2, parts.tm_sec)) {
    return false;
  }
  if (skip(text, '.')) {
    const auto length =
        std::min(text.find_first_not_of("0123456789"), text.size());
    auto digits = std::string(text.substr(0, length));
    digits.resize(9, '0');
    std::string_view nine = digits;
    text.remove_prefix(length);
    return length > 0 && take(nine, 9, nanoseconds);
  }
  return true;
}

/// Seconds east of UTC; none when the text gives no zone.
std::optional<std::optional<int>> take_zone(std::string_view text) {
  if (text.empty()) {
    return std::optional<int>();
  }
  if (text == "Z") {
    return std::optional<int>(0);
  }
  const int sign = text.front() == '-' ? -1 : 1;
  if (!skip(text, '+') && !skip(text, '-')) {
    return std::nullopt;
  }
  int hours = 0;
  int minutes = 0;
  if (!take(text, 2, hours) || !skip(text, ':') || !take(text, 2, minutes) ||
      !text.empty()) {
    return std::nullopt;
  }
  return std::optional<int>(sign * (hours * 3600 + minutes * 60));
}

}  // namespace

Instant now() {
  timespec time{};
  ::clock_gettime(CLOCK_REALTIME, &time);
  return {.seconds = time.tv_sec,
          .nanoseconds = static_cast<int>(time.tv_nsec)};
}

std::optional<Instant> parse_time(std::string_view text) {
  std::tm parts{};
  int year = 0;
  int month = 0;
  Instant at;
  if (!take(text, 4, year) || !skip(text, '-') || !take(text, 2, month) ||
      !skip(text, '-') || !take(text, 2, parts.tm_mday)) {
    return std::nullopt;
  }
  if (skip(text, 'T') && !take_clock(text, parts, at.nanoseconds)) {
    return std::nullopt;
  }
  const auto offset = take_zone(text);
  if (!offset) {
    return std::nullopt;
  }
  parts.tm_year = year - 1900;
  parts.tm_mon = month - 1;
  parts.tm_isdst = -1;
  at.seconds = *offset ? ::timegm(&parts) - **offset : ::mktime(&parts);
  return at;
}

std::string timestamp(const std::string& text, std::string_view option) {
  if (const auto ago = parse_duration(text)) {
    const auto nanoseconds =
        now().seconds * 1'000'000'000 + now().nanoseconds - ago->count();
    return std::to_string(nanoseconds / 1'000'000'000);
  }
  if (const auto at = parse_time(text)) {
    std::array<char, 48> out{};
    std::snprintf(out.data(), out.size(), "%lld.%09d",
                  static_cast<long long>(at->seconds), at->nanoseconds);
    return out.data();
  }
  if (text.find_first_not_of("0123456789.") == std::string::npos) {
    return text;
  }
  throw Failure((option.empty()
                     ? std::string()
                     : "invalid value for \"" + std::string(option) + "\": ") +
                "failed to parse value as time or duration: \"" + text + '"');
}

std::string go_time(std::int64_t seconds) {
  return formatted("%Y-%m-%d %H:%M:%S %z %Z", local(seconds));
}

std::string rfc3339(std::int64_t seconds) {
  const auto parts = local(seconds);
  return formatted("%Y-%m-%dT%H:%M:%S", parts) + zone(parts);
}

std::string rfc3339_nano(Instant at) {
  const auto parts = local(at.seconds);
  std::array<char, 16> fraction{};
  std::snprintf(fraction.data(), fraction.size(), ".%09d", at.nanoseconds);
  return formatted("%Y-%m-%dT%H:%M:%S", parts) + fraction.data() + zone(parts);
}

std::string ansi_time(const std::string& text) {
  const auto at = parse_time(text);
  if (!at) {
    return text;
  }
  const std::time_t time = at->seconds;
  std::tm parts{};
  ::gmtime_r(&time, &parts);
  return formatted("%a %b %e %H:%M:%S %Y", parts);
}

}  // namespace docker_cpp::cli
