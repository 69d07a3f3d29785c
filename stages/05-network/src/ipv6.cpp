// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/network/ipv6.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace docker_cpp::network {

Ipv6 Ipv6::from_bytes(const void* sixteen_bytes) noexcept {
  Ipv6 out;
  std::memcpy(out.value.data(), sixteen_bytes, out.value.size());
  return out;
}

Ipv6 Ipv6::next() const noexcept {
  Ipv6 out = *this;
  for (auto byte = out.value.rbegin(); byte != out.value.rend(); ++byte) {
    if (++*byte != 0) {
      break;
    }
  }
  return out;
}

Ipv6 Subnet6::mask() const noexcept {
  Ipv6 out;
  for (int bit = 0; bit < prefix_len; ++bit) {
    const auto at = static_cast<std::size_t>(bit / 8);
    out.value.at(at) =
        static_cast<std::uint8_t>(out.value.at(at) | 0x80U >> (bit % 8));
  }
  return out;
}

Ipv6 Subnet6::first() const noexcept {
  Ipv6 out = mask();
  std::ranges::transform(out.value, address.value, out.value.begin(),
                         [](std::uint8_t bits, std::uint8_t byte) {
                           return static_cast<std::uint8_t>(bits & byte);
                         });
  return out;
}

bool Subnet6::contains(const Ipv6& one) const noexcept {
  return Subnet6{.address = one, .prefix_len = prefix_len}.first() == first();
}

bool Subnet6::overlaps(const Subnet6& other) const noexcept {
  return prefix_len <= other.prefix_len ? contains(other.address)
                                        : other.contains(address);
}

std::string to_string(const Ipv6& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  ::inet_ntop(AF_INET6, address.value.data(), text.data(), text.size());
  return text.data();
}

std::string to_string(const Subnet6& subnet) {
  return to_string(subnet.address) + "/" + std::to_string(subnet.prefix_len);
}

std::expected<Ipv6, std::string> parse_ipv6(std::string_view text) {
  Ipv6 out;
  const std::string terminated(text);
  if (terminated.size() != std::strlen(terminated.c_str()) ||
      ::inet_pton(AF_INET6, terminated.c_str(), out.value.data()) != 1) {
    return std::unexpected("invalid IPv6 address: " + terminated);
  }
  return out;
}

std::expected<Subnet6, std::string> parse_subnet6(std::string_view text) {
  const std::size_t slash = std::min(text.find('/'), text.size());
  const auto address = parse_ipv6(text.substr(0, slash));
  int prefix = -1;
  const char* end = text.data() + text.size();
  const char* begin = text.data() + (slash == text.size() ? slash : slash + 1);
  const auto parsed = std::from_chars(begin, end, prefix);
  if (!address || parsed.ec != std::errc{} || parsed.ptr != end || prefix < 0 ||
      prefix > 128) {
    return std::unexpected("invalid CIDR address: " + std::string(text));
  }
  return Subnet6{.address = *address, .prefix_len = prefix};
}

}  // namespace docker_cpp::network
