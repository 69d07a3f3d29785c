// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/cgroups/parse_limit.hpp"

#include <limits>
#include <optional>

#include "control_file.hpp"

namespace docker_cpp::cgroups {
namespace {

using Sentence = std::unexpected<std::string>;

Sentence invalid(std::string_view what, std::string_view text,
                 std::string_view why) {
  return Sentence("invalid " + std::string(what) + " '" + std::string(text) +
                  "': " + std::string(why));
}

/// A decimal number times `scale`, rounded down, by integers alone: a double
/// would make 0.29 CPUs one billionth less.
std::optional<std::uint64_t> decimal(std::string_view text,
                                     std::uint64_t scale) {
  const std::size_t point = text.find('.');
  const std::string_view whole = text.substr(0, point);
  const std::string_view fraction =
      point == std::string_view::npos ? "0" : text.substr(point + 1);
  const auto units = to_number(whole);
  const auto parts = to_number(fraction);
  if (!units || !parts || fraction.size() > 9) {
    return std::nullopt;
  }
  std::uint64_t power = 1;
  for (std::size_t i = 0; i < fraction.size(); ++i) {
    power *= 10;
  }
  __extension__ using Wide = unsigned __int128;
  const Wide total = static_cast<Wide>(*units) * scale +
                     static_cast<Wide>(*parts) * scale / power;
  if (total > static_cast<Wide>(std::numeric_limits<std::int64_t>::max())) {
    return std::nullopt;
  }
  return static_cast<std::uint64_t>(total);
}

/// 1024 to the power that the unit stands for; 0 for none that is known.
std::uint64_t unit_bytes(std::string_view unit) {
  const auto lower = [](char c) {
    return static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  };
  if (unit.empty() || (unit.size() == 1 && lower(unit[0]) == 'b')) {
    return 1;
  }
  const std::size_t power = std::string_view("kmgtp").find(lower(unit[0]));
  std::string rest;
  for (const char c : unit.substr(1)) {
    rest += lower(c);
  }
  if (power == std::string_view::npos ||
      (!rest.empty() && rest != "b" && rest != "ib")) {
    return 0;
  }
  return 1ULL << (10 * (power + 1));
}

}  // namespace

std::expected<MemoryLimit, std::string> parse_memory_limit(
    std::string_view text) {
  if (text == "-1") {
    return MemoryLimit{.bytes = -1};
  }
  const std::size_t end = text.find_first_not_of("0123456789.");
  const std::string_view number = text.substr(0, end);
  std::string_view unit = end == std::string_view::npos ? "" : text.substr(end);
  if (unit.size() > 1 && unit.starts_with(' ')) {
    unit.remove_prefix(1);
  }
  const std::uint64_t scale = unit_bytes(unit);
  const auto bytes = scale == 0 ? std::nullopt : decimal(number, scale);
  if (!bytes) {
    return invalid("size", text, "expected a number and b, k, m or g: 512m");
  }
  return MemoryLimit{.bytes = static_cast<std::int64_t>(*bytes)};
}

std::expected<CpuLimit, std::string> parse_cpu_limit(std::string_view text) {
  std::string padded(text);
  if (padded.starts_with('.')) {  // ".5", as docker takes it
    padded.insert(0, 1, '0');
  }
  const auto nano = decimal(padded, 1'000'000'000);
  if (!nano) {
    return invalid("number of CPUs", text, "expected a number such as 1.5");
  }
  return CpuLimit{.nano_cpus = static_cast<std::int64_t>(*nano)};
}

std::expected<PidsLimit, std::string> parse_pids_limit(std::string_view text) {
  const bool negative = text.starts_with('-');
  const auto number = to_number(negative ? text.substr(1) : text);
  if (!number || *number > std::numeric_limits<std::int32_t>::max()) {
    return invalid("limit of processes", text, "expected a number, or -1");
  }
  const bool none = negative || *number == 0;
  return PidsLimit{.most = none ? -1 : static_cast<std::int64_t>(*number)};
}

std::expected<std::string, std::string> parse_cpuset(std::string_view text) {
  const auto wrong = [&] {
    return invalid("cpuset", text, "expected a list such as 0-2,7");
  };
  std::string_view rest = text;
  while (true) {
    const std::size_t comma = rest.find(',');
    const std::string_view range = rest.substr(0, comma);
    const std::size_t dash = range.find('-');
    const auto first = to_number(range.substr(0, dash));
    const auto last = dash == std::string_view::npos
                          ? first
                          : to_number(range.substr(dash + 1));
    if (!first || !last || *last < *first) {
      return wrong();
    }
    if (comma == std::string_view::npos) {
      return std::string(text);
    }
    rest.remove_prefix(comma + 1);
  }
}

}  // namespace docker_cpp::cgroups
