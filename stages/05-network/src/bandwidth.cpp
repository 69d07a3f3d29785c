// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/network/bandwidth.hpp"

#include <charconv>

#include "docker_cpp/network/network_addresses.hpp"

namespace docker_cpp::network {
namespace {

constexpr std::uint64_t least = 8'000;
constexpr std::uint64_t most = 100'000'000'000;

std::uint64_t unit_of(std::string_view unit) {
  return unit.empty() || unit == "bit" ? 1
         : unit == "kbit"              ? 1'000
         : unit == "mbit"              ? 1'000'000
         : unit == "gbit"              ? 1'000'000'000
                                       : 0;
}

}  // namespace

std::expected<std::uint64_t, std::string> parse_bandwidth(
    std::string_view text) {
  if (text == "unlimited") {
    return 0;
  }
  const auto wrong = [&](const std::string& why) {
    return std::unexpected("invalid bandwidth '" + std::string(text) +
                           "': " + why);
  };
  std::uint64_t number = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  const std::uint64_t unit =
      unit_of({rest, static_cast<std::size_t>(end - rest)});
  if (error != std::errc{} || unit == 0) {
    return wrong("it should be a number and bit, kbit, mbit or gbit");
  }
  if (number > most / unit || number * unit < least) {
    return wrong("it should be from 8kbit to 100gbit");
  }
  return number * unit / 8;
}

Bandwidth bandwidth_of(const std::map<std::string, std::string>& options) {
  const auto value = [&](const char* key) -> std::uint64_t {
    const auto found = options.find(key);
    return found == options.end() ? 0 : typed(parse_bandwidth(found->second));
  };
  return {.in = value(bandwidth_in_option), .out = value(bandwidth_out_option)};
}

}  // namespace docker_cpp::network
