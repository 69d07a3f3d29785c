// SPDX-License-Identifier: Apache-2.0
#include <arpa/inet.h>

#include <charconv>

#include "exercise.hpp"

namespace {

std::uint32_t host_bits(int prefix) {
  return prefix == 0 ? 0xFFFFFFFF : (std::uint32_t{1} << (32 - prefix)) - 1;
}

}  // namespace

std::optional<Subnet> parse_subnet(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) {
    return std::nullopt;
  }
  in_addr address{};
  if (::inet_pton(AF_INET, std::string(text.substr(0, slash)).c_str(),
                  &address) != 1) {
    return std::nullopt;
  }
  int prefix = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] =
      std::from_chars(text.data() + slash + 1, end, prefix);
  if (error != std::errc{} || rest != end || prefix < 0 || prefix > 30) {
    return std::nullopt;
  }
  return Subnet{.network = ntohl(address.s_addr) & ~host_bits(prefix),
                .prefix = prefix};
}

std::optional<std::uint32_t> next_address(const Subnet& subnet,
                                          const std::set<std::uint32_t>& taken,
                                          std::uint32_t last) {
  const std::uint32_t first = subnet.network + 1;
  const std::uint32_t count = host_bits(subnet.prefix) - 1;
  const std::uint32_t from =
      last < first || last - first >= count ? 0 : last - first + 1;
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint32_t address = first + (from + i) % count;
    if (!taken.contains(address)) {
      return address;
    }
  }
  return std::nullopt;
}
