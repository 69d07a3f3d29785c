// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/network/ipv4.hpp"

#include <arpa/inet.h>
#include <endian.h>

#include <charconv>
#include <cstring>

namespace docker_cpp::network {

std::array<std::uint8_t, 4> Ipv4::bytes() const noexcept {
  std::array<std::uint8_t, 4> out{};
  const std::uint32_t wire = htobe32(value);
  std::memcpy(out.data(), &wire, out.size());
  return out;
}

Ipv4 Ipv4::from_bytes(const void* four_bytes) noexcept {
  std::uint32_t wire = 0;
  std::memcpy(&wire, four_bytes, sizeof wire);
  return {.value = be32toh(wire)};
}

std::uint32_t Subnet::mask() const noexcept {
  // Shifting a 32-bit number by 32 is undefined, so /0 is its own case.
  return prefix_len == 0 ? 0 : ~0U << (32U - static_cast<unsigned>(prefix_len));
}

Ipv4 Subnet::first() const noexcept {
  return {.value = address.value & mask()};
}

Ipv4 Subnet::last() const noexcept {
  return {.value = address.value | ~mask()};
}

bool Subnet::contains(Ipv4 one) const noexcept {
  return (one.value & mask()) == first().value;
}

bool Subnet::overlaps(const Subnet& other) const noexcept {
  return first() <= other.last() && other.first() <= last();
}

MacAddress mac_of(Ipv4 address) noexcept {
  const auto ip = address.bytes();
  return {0x02, 0x42, ip[0], ip[1], ip[2], ip[3]};
}

std::string to_string(Ipv4 address) {
  const auto bytes = address.bytes();
  std::string text;
  for (const std::uint8_t byte : bytes) {
    text += (text.empty() ? "" : ".") + std::to_string(byte);
  }
  return text;
}

std::string to_string(const Subnet& subnet) {
  return to_string(subnet.address) + "/" + std::to_string(subnet.prefix_len);
}

std::string to_string(const MacAddress& mac) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (const std::uint8_t byte : mac) {
    if (!text.empty()) {
      text += ':';
    }
    text += digits[byte >> 4U];
    text += digits[byte & 15U];
  }
  return text;
}

std::expected<Ipv4, std::string> parse_ipv4(std::string_view text) {
  in_addr wire{};
  const std::string terminated(text);
  // inet_pton, not inet_aton: "10.1" and "0x7f.1" are no addresses here.
  if (terminated.size() != std::strlen(terminated.c_str()) ||
      ::inet_pton(AF_INET, terminated.c_str(), &wire) != 1) {
    return std::unexpected("invalid IPv4 address: " + terminated);
  }
  return Ipv4::from_bytes(&wire);
}

std::expected<Subnet, std::string> parse_subnet(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto invalid = [&] {
    return std::unexpected("invalid CIDR address: " + std::string(text));
  };
  if (slash == std::string_view::npos) {
    return invalid();
  }
  const auto address = parse_ipv4(text.substr(0, slash));
  int prefix = -1;
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data() + slash + 1, end, prefix);
  if (!address || parsed.ec != std::errc{} || parsed.ptr != end || prefix < 0 ||
      prefix > 32) {
    return invalid();
  }
  return Subnet{.address = *address, .prefix_len = prefix};
}

std::expected<MacAddress, std::string> parse_mac(std::string_view text) {
  MacAddress mac{};
  const auto invalid = [&] {
    return std::unexpected("invalid MAC address: " + std::string(text));
  };
  if (text.size() != 17) {
    return invalid();
  }
  for (std::size_t i = 0; i < mac.size(); ++i) {
    const char* at = text.data() + 3 * i;
    const auto parsed = std::from_chars(at, at + 2, mac.at(i), 16);
    if (parsed.ec != std::errc{} || parsed.ptr != at + 2 ||
        (i < 5 && at[2] != ':')) {
      return invalid();
    }
  }
  if ((mac[0] & 1U) != 0) {
    return std::unexpected("a multicast address cannot be a container's: " +
                           std::string(text));
  }
  return mac;
}

}  // namespace docker_cpp::network
