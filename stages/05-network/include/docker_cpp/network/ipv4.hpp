// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace docker_cpp::network {

/// An IPv4 address as a number in the host's byte order, so that the next
/// address is one more.
struct Ipv4 {
  std::uint32_t value = 0;

  auto operator<=>(const Ipv4&) const = default;

  /// The four bytes as they travel.
  [[nodiscard]] std::array<std::uint8_t, 4> bytes() const noexcept;
  [[nodiscard]] static Ipv4 from_bytes(const void* four_bytes) noexcept;
  [[nodiscard]] bool is_loopback() const noexcept {
    return value >> 24U == 127;
  }
};

/// An address and how many of its leading bits name the network. The address
/// need not be the network's first: "172.19.0.1/16" is a gateway's.
struct Subnet {
  Ipv4 address;
  int prefix_len = 32;

  bool operator==(const Subnet&) const = default;

  [[nodiscard]] std::uint32_t mask() const noexcept;
  [[nodiscard]] Ipv4 first() const noexcept;  ///< the network's own address
  [[nodiscard]] Ipv4 last() const noexcept;   ///< its broadcast address
  [[nodiscard]] bool contains(Ipv4 one) const noexcept;
  [[nodiscard]] bool overlaps(const Subnet& other) const noexcept;
};

using MacAddress = std::array<std::uint8_t, 6>;

/// 02:42 and the address, as Docker does: a container that comes back with its
/// address comes back with its MAC, and no neighbour's cache is wrong.
[[nodiscard]] MacAddress mac_of(Ipv4 address) noexcept;

[[nodiscard]] std::string to_string(Ipv4 address);
[[nodiscard]] std::string to_string(const Subnet& subnet);
[[nodiscard]] std::string to_string(const MacAddress& mac);

[[nodiscard]] std::expected<Ipv4, std::string> parse_ipv4(
    std::string_view text);
[[nodiscard]] std::expected<Subnet, std::string> parse_subnet(
    std::string_view text);
[[nodiscard]] std::expected<MacAddress, std::string> parse_mac(
    std::string_view text);

}  // namespace docker_cpp::network
