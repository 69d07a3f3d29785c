// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/cli/units.hpp"

#include <array>
#include <charconv>
#include <cstdio>
#include <limits>
#include <span>

namespace docker_cpp::cli {
namespace {

std::string scaled(double size, double base, int digits,
                   std::span<const char* const> units) {
  std::size_t unit = 0;
  while (size >= base && unit + 1 < units.size()) {
    size /= base;
    ++unit;
  }
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%.*g%s", digits, size, units[unit]);
  return text.data();
}

std::string counted(std::int64_t count, const char* what) {
  return std::to_string(count) + ' ' + what;
}

std::string quoted(std::string_view text) {
  return '"' + std::string(text) + '"';
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

Parsed<double> parse_float(std::string_view text) {
  double number = 0;
  const auto* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || stop != end || text.empty()) {
    return std::unexpected("strconv.ParseFloat: parsing " + quoted(text) +
                           ": invalid syntax");
  }
  return number;
}

/// 1024 to the power that the suffix stands for; 0 if it is none.
double multiplier(std::string suffix) {
  for (char& c : suffix) {
    c = lower(c);
  }
  if (suffix.empty() || suffix == "b") {
    return 1;
  }
  const auto power = std::string_view("kmgtp").find(suffix.front());
  const auto rest = std::string_view(suffix).substr(1);
  if (power == std::string_view::npos ||
      !(rest.empty() || rest == "b" || rest == "ib")) {
    return 0;
  }
  double result = 1024;
  for (std::size_t i = 0; i < power; ++i) {
    result *= 1024;
  }
  return result;
}

}  // namespace

std::string human_size(double bytes, int digits) {
  constexpr std::array units = {"B",  "kB", "MB", "GB", "TB",
                                "PB", "EB", "ZB", "YB"};
  return scaled(bytes, 1000, digits, units);
}

std::string bytes_size(double bytes) {
  constexpr std::array units = {"B",   "KiB", "MiB", "GiB", "TiB",
                                "PiB", "EiB", "ZiB", "YiB"};
  return scaled(bytes, 1024, 4, units);
}

std::string human_duration(std::chrono::seconds age) {
  const std::int64_t seconds = age.count();
  if (seconds < 1) {
    return "Less than a second";
  }
  if (seconds < 60) {
    return seconds == 1 ? "1 second" : counted(seconds, "seconds");
  }
  const std::int64_t minutes = seconds / 60;
  if (minutes < 60) {
    return minutes == 1 ? "About a minute" : counted(minutes, "minutes");
  }
  const std::int64_t hours = (seconds + 1800) / 3600;
  if (hours < 48) {
    return hours == 1 ? "About an hour" : counted(hours, "hours");
  }
  if (hours < 24 * 7 * 2) {
    return counted(hours / 24, "days");
  }
  if (hours < 24 * 30 * 2) {
    return counted(hours / 24 / 7, "weeks");
  }
  if (hours < 24 * 365 * 2) {
    return counted(hours / 24 / 30, "months");
  }
  return counted(seconds / 3600 / 24 / 365, "years");
}

Parsed<std::int64_t> parse_bytes(std::string_view text) {
  const auto last = text.find_last_of("0123456789. ");
  const auto refusal = "invalid size: '" + std::string(text) + "'";
  if (last == std::string_view::npos) {
    return std::unexpected(refusal);
  }
  const auto number =
      parse_float(text.substr(0, text[last] == ' ' ? last : last + 1));
  if (!number) {
    return std::unexpected(number.error());
  }
  const auto suffix = std::string(text.substr(last + 1));
  const double factor = multiplier(suffix);
  if (factor == 0) {
    return std::unexpected("invalid suffix: '" + suffix + "'");
  }
  const double bytes = *number * factor;
  constexpr double too_many = 9.2e18;
  if (*number < 0 || bytes > too_many) {
    return std::unexpected(refusal);
  }
  return static_cast<std::int64_t>(bytes);
}

namespace {

struct Unit {
  std::string_view name;
  double nanoseconds;
};
constexpr std::array time_units = {
    Unit{"ns", 1},  Unit{"us", 1e3}, Unit{"µs", 1e3},  Unit{"ms", 1e6},
    Unit{"s", 1e9}, Unit{"m", 6e10}, Unit{"h", 3.6e12}};

/// Takes one "3.5s" off the front of `text`.
Parsed<double> take_term(std::string_view& text, std::string_view whole) {
  const auto digits = text.find_first_not_of("0123456789.");
  const auto number = parse_float(text.substr(0, digits));
  if (!number) {
    return std::unexpected("time: invalid duration " + quoted(whole));
  }
  if (digits == std::string_view::npos) {
    return std::unexpected("time: missing unit in duration " + quoted(whole));
  }
  text.remove_prefix(digits);
  const auto name = text.substr(0, text.find_first_of("0123456789."));
  for (const auto& unit : time_units) {
    if (unit.name == name) {
      text.remove_prefix(name.size());
      return *number * unit.nanoseconds;
    }
  }
  return std::unexpected("time: unknown unit " + quoted(name) +
                         " in duration " + quoted(whole));
}

}  // namespace

Parsed<std::chrono::nanoseconds> parse_duration(std::string_view text) {
  const auto whole = text;
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) {
    text.remove_prefix(1);
  }
  if (text == "0") {
    return std::chrono::nanoseconds(0);
  }
  double total = 0;
  do {
    const auto term = take_term(text, whole);
    if (!term) {
      return std::unexpected(term.error());
    }
    total += *term;
  } while (!text.empty());
  if (total > 9.2e18) {
    return std::unexpected("time: invalid duration " + quoted(whole));
  }
  return std::chrono::nanoseconds(
      static_cast<std::int64_t>(negative ? -total : total));
}

namespace {

template <typename T>
Parsed<T> parse_number(std::string_view text, const char* function, T least,
                       T most) {
  auto digits = text;
  if (digits.starts_with('+')) {
    digits.remove_prefix(1);
  }
  T number = 0;
  const auto* end = digits.data() + digits.size();
  const bool hex = digits.starts_with("0x") || digits.starts_with("0X");
  const auto [stop, error] = std::from_chars(digits.data() + (hex ? 2 : 0), end,
                                             number, hex ? 16 : 10);
  const auto refuse = [&](const char* why) {
    return std::unexpected(std::string("strconv.") + function + ": parsing " +
                           quoted(text) + ": " + why);
  };
  if (error == std::errc::invalid_argument || stop != end) {
    return refuse("invalid syntax");
  }
  if (error != std::errc{} || number < least || number > most) {
    return refuse("value out of range");
  }
  return number;
}

}  // namespace

Parsed<std::int64_t> parse_integer(std::string_view text, int bits) {
  const auto most = std::numeric_limits<std::int64_t>::max() >> (64 - bits);
  return parse_number<std::int64_t>(text, "ParseInt", -most - 1, most);
}

Parsed<std::uint64_t> parse_unsigned(std::string_view text, int bits) {
  const auto most = std::numeric_limits<std::uint64_t>::max() >> (64 - bits);
  return parse_number<std::uint64_t>(text, "ParseUint", 0, most);
}

Parsed<bool> parse_bool(std::string_view text) {
  for (const auto* yes : {"1", "t", "T", "TRUE", "true", "True"}) {
    if (text == yes) {
      return true;
    }
  }
  for (const auto* no : {"0", "f", "F", "FALSE", "false", "False"}) {
    if (text == no) {
      return false;
    }
  }
  return std::unexpected("strconv.ParseBool: parsing " + quoted(text) +
                         ": invalid syntax");
}

Parsed<std::int64_t> parse_nano_cpus(std::string_view text) {
  const auto cpus = parse_float(text);
  if (!cpus || *cpus > 9e9 || *cpus < -9e9) {
    return std::unexpected("failed to parse " + std::string(text) +
                           " as a rational number");
  }
  const double nano = *cpus * 1e9;
  const auto whole = static_cast<std::int64_t>(nano + (nano < 0 ? -0.5 : 0.5));
  const auto point = text.find('.');
  if (point != std::string_view::npos && text.size() - point - 1 > 9 &&
      text.find_last_not_of('0') > point + 9) {
    return std::unexpected("value is too precise");
  }
  return whole;
}

}  // namespace docker_cpp::cli
