// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "network_manager_impl.hpp"

#include "docker_cpp/daemon/api_error.hpp"
#include "docker_cpp/network/ipv4.hpp"
#include "docker_cpp/network/ipv6.hpp"

/// Which subnets a new network gets.
namespace docker_cpp::daemon {
namespace {

using network::Subnet;
using network::Subnet6;

[[noreturn]] void refuse_overlap() {
  throw ApiError(ErrorCode::forbidden,
                 "invalid pool request: Pool overlaps with other one on "
                 "this address space");
}

template <typename Net>
bool overlaps_any(const Net& subnet, const std::vector<Net>& taken) {
  return std::ranges::any_of(
      taken, [&](const Net& other) { return subnet.overlaps(other); });
}

/// A /64 of this host's own local addresses: RFC 4193, with the engine's id
/// for the 40 random bits.
Subnet6 free_local_subnet(const std::string& engine_id,
                          const std::vector<Subnet6>& taken) {
  std::string digits = engine_id.substr(0, 10);
  digits.resize(10, '0');
  const auto part = [&](std::size_t at) {
    return digits.substr(at, 4);
  };
  Subnet6 subnet = network::parse_subnet6("fd" + digits.substr(0, 2) + ":" +
                                          part(2) + ":" + part(6) + "::/64")
                       .value_or(Subnet6{});
  for (unsigned number = 0; number < 0x10000; ++number) {
    subnet.address.value[6] = static_cast<std::uint8_t>(number >> 8U);
    subnet.address.value[7] = static_cast<std::uint8_t>(number & 0xffU);
    if (!overlaps_any(subnet, taken)) {
      return subnet;
    }
  }
  throw ApiError(ErrorCode::internal,
                 "could not find an available, non-overlapping IPv6 address "
                 "pool among the defaults to assign to the network");
}

/// The first address that is no network's own: the range's, if there is one.
void choose_gateway(AddressRange& range) {
  if (!range.gateway.empty()) {
    return;
  }
  const std::string& from =
      range.ip_range.empty() ? range.subnet : range.ip_range;
  if (is_v6(range)) {
    range.gateway =
        to_string(network::parse_subnet6(from).value().first().next());
  } else {
    network::Ipv4 address = network::parse_subnet(from).value().first();
    ++address.value;
    range.gateway = to_string(address);
  }
}

}  // namespace

/// An owner who named no subnet gets one that overlaps nothing.
void NetworkManager::Impl::choose_addresses(Network& network) const {
  std::vector<Subnet> taken;
  std::vector<Subnet6> taken6;
  {
    const std::lock_guard lock(mutex);
    for (const EntryPtr& entry : entries) {
      if (entry->model->config_only) {
        continue;
      }
      for (const AddressRange& range : entry->model->ranges) {
        if (const auto subnet = network::parse_subnet(range.subnet)) {
          taken.push_back(*subnet);
        } else if (const auto v6 = network::parse_subnet6(range.subnet)) {
          taken6.push_back(*v6);
        }
      }
    }
  }
  const auto has = [&](bool v6) {
    return std::ranges::any_of(network.ranges, [&](const AddressRange& range) {
      return is_v6(range) == v6;
    });
  };
  for (const AddressRange& range : network.ranges) {
    if (is_v6(range)
            ? overlaps_any(network::parse_subnet6(range.subnet).value(), taken6)
            : overlaps_any(network::parse_subnet(range.subnet).value(),
                           taken)) {
      refuse_overlap();
    }
  }
  if (network.ipv4 && !has(false)) {
    const std::vector<std::string> pools =
        options.bridge ? options.bridge->pools : std::vector<std::string>{};
    network.chosen_subnet = network.ranges.empty();
    network.ranges.insert(
        network.ranges.begin(),
        {.subnet = to_string(network::free_subnet(pools, std::move(taken)))});
  }
  if (network.ipv6 && !has(true)) {
    network.ranges.push_back(
        {.subnet = to_string(free_local_subnet(options.engine_id, taken6))});
  }
  std::ranges::for_each(network.ranges, choose_gateway);
}

}  // namespace docker_cpp::daemon
