// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace docker_cpp::network {

/// An IPv6 address as it travels.
struct Ipv6 {
  std::array<std::uint8_t, 16> value{};

  auto operator<=>(const Ipv6&) const = default;

  [[nodiscard]] const std::array<std::uint8_t, 16>& bytes() const noexcept {
    return value;
  }
  [[nodiscard]] static Ipv6 from_bytes(const void* sixteen_bytes) noexcept;
  /// The next one; after the last comes the first.
  [[nodiscard]] Ipv6 next() const noexcept;
};

struct Subnet6 {
  Ipv6 address;
  int prefix_len = 128;

  bool operator==(const Subnet6&) const = default;

  [[nodiscard]] Ipv6 mask() const noexcept;
  [[nodiscard]] Ipv6 first() const noexcept;
  [[nodiscard]] bool contains(const Ipv6& one) const noexcept;
  [[nodiscard]] bool overlaps(const Subnet6& other) const noexcept;
};

[[nodiscard]] std::string to_string(const Ipv6& address);
[[nodiscard]] std::string to_string(const Subnet6& subnet);
[[nodiscard]] std::expected<Ipv6, std::string> parse_ipv6(
    std::string_view text);
[[nodiscard]] std::expected<Subnet6, std::string> parse_subnet6(
    std::string_view text);

}  // namespace docker_cpp::network
