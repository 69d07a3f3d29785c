// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <string>
#include <string_view>

namespace docker_cpp::network {

/// Bytes per second; 0: as many as there can be.
struct Bandwidth {
  std::uint64_t in = 0;   ///< to the container
  std::uint64_t out = 0;  ///< from it

  bool operator==(const Bandwidth&) const = default;
  [[nodiscard]] bool limited() const noexcept { return in != 0 || out != 0; }
};

/// The endpoint's options that ask for it.
inline constexpr const char* bandwidth_in_option = "docker-cpp.bandwidth.in";
inline constexpr const char* bandwidth_out_option = "docker-cpp.bandwidth.out";

/// "10mbit", "512kbit", "1gbit", "8000bit": bits as tc(8) writes them, from
/// 8 kbit/s to 100 Gbit/s; in bytes per second. "unlimited" is 0.
[[nodiscard]] std::expected<std::uint64_t, std::string> parse_bandwidth(
    std::string_view text);

/// \throws std::invalid_argument with a sentence
[[nodiscard]] Bandwidth bandwidth_of(
    const std::map<std::string, std::string>& options);

}  // namespace docker_cpp::network
