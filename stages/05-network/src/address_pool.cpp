// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/network/address_pool.hpp"

#include <algorithm>
#include <charconv>

namespace docker_cpp::network {
namespace {

bool is_free(const Subnet& candidate, std::span<const Subnet> taken) {
  return std::ranges::none_of(
      taken, [&](const Subnet& other) { return candidate.overlaps(other); });
}

}  // namespace

std::vector<AddressPool> default_pools() {
  std::vector<AddressPool> pools;
  for (unsigned second = 17; second <= 31; ++second) {
    pools.push_back({.base = {.address = {.value = 172U << 24U | second << 16U},
                              .prefix_len = 16},
                     .size = 16});
  }
  pools.push_back({.base = {.address = {.value = 192U << 24U | 168U << 16U},
                            .prefix_len = 16},
                   .size = 20});
  return pools;
}

std::expected<AddressPool, std::string> parse_pool(std::string_view text) {
  std::string_view base;
  std::string_view size;
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::size_t comma = rest.find(',');
    const std::string_view item = rest.substr(0, comma);
    rest = comma == std::string_view::npos ? "" : rest.substr(comma + 1);
    if (item.starts_with("base=")) {
      base = item.substr(5);
    } else if (item.starts_with("size=")) {
      size = item.substr(5);
    } else {
      return std::unexpected(
          "invalid default address pool: " + std::string(text) +
          " (want base=ADDRESS/PREFIX,size=PREFIX)");
    }
  }
  const auto subnet = parse_subnet(base);
  if (!subnet) {
    return std::unexpected("invalid default address pool: " + subnet.error());
  }
  int prefix = 0;
  const char* end = size.data() + size.size();
  const auto parsed = std::from_chars(size.data(), end, prefix);
  if (parsed.ec != std::errc{} || parsed.ptr != end ||
      prefix < subnet->prefix_len || prefix > 30) {
    return std::unexpected("invalid default address pool: the size '" +
                           std::string(size) + "' is not between /" +
                           std::to_string(subnet->prefix_len) + " and /30");
  }
  return AddressPool{
      .base = {.address = subnet->first(), .prefix_len = subnet->prefix_len},
      .size = prefix};
}

std::optional<Subnet> choose_subnet(std::span<const AddressPool> pools,
                                    std::span<const Subnet> taken) {
  for (const AddressPool& pool : pools) {
    // 64 bits, so that stepping past 255.255.255.255 ends the loop.
    const std::uint64_t step = std::uint64_t{1} << (32 - pool.size);
    for (std::uint64_t at = pool.base.first().value;
         at <= pool.base.last().value; at += step) {
      const Subnet candidate{
          .address = {.value = static_cast<std::uint32_t>(at)},
          .prefix_len = pool.size};
      if (is_free(candidate, taken)) {
        return candidate;
      }
    }
  }
  return std::nullopt;
}

bool LeaseSet::may_give(Ipv4 address) const noexcept {
  // A /31 has no broadcast address, but Docker's users get none of those.
  return gateway_.contains(address) && address != gateway_.address &&
         address != gateway_.first() && address != gateway_.last() &&
         !reserved_.contains(address);
}

std::optional<Ipv4> LeaseSet::take() {
  // Ordered, so the first gap is found by walking the leases: at most as many
  // as a bridge has ports, 1,023.
  const Subnet range = range_.value_or(gateway_);
  // 64 bits, so that stepping past 255.255.255.255 ends the loop.
  auto lease = leased_.lower_bound(range.first());
  for (std::uint64_t at = range.first().value; at <= range.last().value; ++at) {
    const Ipv4 candidate{.value = static_cast<std::uint32_t>(at)};
    if (lease != leased_.end() && *lease == candidate) {
      ++lease;
    } else if (may_give(candidate)) {
      leased_.insert(lease, candidate);
      return candidate;
    }
  }
  return std::nullopt;
}

bool LeaseSet::take(Ipv4 wanted) {
  return may_give(wanted) && leased_.insert(wanted).second;
}

bool LeaseSet6::may_give(const Ipv6& address) const noexcept {
  return gateway_.contains(address) && address != gateway_.address &&
         address != gateway_.first() && !reserved_.contains(address);
}

std::optional<Ipv6> LeaseSet6::take() {
  // As many steps as there are leases and reservations, at most.
  const Subnet6 range = range_.value_or(gateway_);
  Ipv6 candidate = range.first();
  do {
    if (may_give(candidate) && leased_.insert(candidate).second) {
      return candidate;
    }
    candidate = candidate.next();
    // After the last address there is comes the first, which may be in it.
  } while (range.contains(candidate) && candidate != range.first());
  return std::nullopt;
}

bool LeaseSet6::take(const Ipv6& wanted) {
  return may_give(wanted) && leased_.insert(wanted).second;
}

}  // namespace docker_cpp::network
