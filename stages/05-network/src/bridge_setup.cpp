// SPDX-License-Identifier: Apache-2.0
#include <net/if.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "bridge_state.hpp"

#include "docker_cpp/network/in_namespace.hpp"
#include "docker_cpp/network/name_files.hpp"
#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/file.hpp"

namespace docker_cpp::network {
namespace {

BridgeNetwork::Options checked(BridgeNetwork::Options options) {
  const std::string& name = options.bridge;
  if (name.empty() || name.size() >= IFNAMSIZ || name == "." || name == ".." ||
      name.find_first_of("/: \t\n") != std::string::npos) {
    throw std::invalid_argument("invalid bridge name: '" + name +
                                "' (1 to 15 characters, no '/', ':' or blank)");
  }
  if (options.mtu < 68 || options.mtu > 65535) {  // RFC 791
    throw std::invalid_argument("invalid MTU: " + std::to_string(options.mtu));
  }
  return options;
}

/// A network's first address stands for "the usual gateway of it".
Subnet as_gateway(Subnet subnet) {
  if (subnet.prefix_len > 30) {
    throw std::invalid_argument("the subnet " + to_string(subnet) +
                                " has no room for containers");
  }
  if (subnet.address == subnet.first()) {
    ++subnet.address.value;
  }
  return subnet;
}

std::vector<AddressPool> pools_of(const std::vector<std::string>& texts) {
  if (texts.empty()) {
    return default_pools();
  }
  std::vector<AddressPool> pools;
  for (const std::string& text : texts) {
    pools.push_back(typed(parse_pool(text)));
  }
  return pools;
}

/// The servers that this host resolves with are no place for containers
/// either, though only the default route may lead there.
void add_name_servers(std::vector<Subnet>& taken) {
  const std::string text =
      sys::read_file("/etc/resolv.conf").value_or(std::string());
  for (const Ipv4 server : name_servers(text)) {
    taken.push_back({.address = server, .prefix_len = 32});
  }
}

std::optional<Subnet6> gateway_v6(const BridgeNetwork::Options& options) {
  if (options.subnet6.empty()) {
    return std::nullopt;
  }
  Subnet6 subnet = typed(parse_subnet6(options.subnet6));
  if (subnet.prefix_len > 126) {
    throw std::invalid_argument("the subnet " + to_string(subnet) +
                                " has no room for containers");
  }
  if (!options.gateway6.empty()) {
    subnet.address = typed(parse_ipv6(options.gateway6));
  } else if (subnet.address == subnet.first()) {
    subnet.address = subnet.address.next();
  }
  return subnet;
}

}  // namespace

Subnet free_subnet(const std::vector<std::string>& pools,
                   std::vector<Subnet> taken) {
  for (const Subnet& route : Links::open().routes()) {
    taken.push_back(route);
  }
  add_name_servers(taken);
  const auto free = choose_subnet(pools_of(pools), taken);
  if (!free) {
    throw std::runtime_error(
        "could not find an available, non-overlapping IPv4 address pool among "
        "the defaults to assign to the network");
  }
  return *free;
}

BridgeNetwork::State::State(Options options)
    : options_(checked(std::move(options))),
      links_(Links::open()),
      gateway_(choose_gateway()),
      gateway_text_(to_string(gateway_.address)),
      subnet_text_(to_string(Subnet{.address = gateway_.first(),
                                    .prefix_len = gateway_.prefix_len})),
      gateway6_(gateway_v6(options_)),
      firewall_({.bridge = options_.bridge,
                 .subnet = gateway_,
                 .subnet6 = gateway6_,
                 .masquerade = options_.masquerade,
                 .internal = options_.internal,
                 .isolate_members = options_.isolate_members}),
      leases_(gateway_) {
  set_up_leases();
  inherited_ = firewall_.mappings();
  std::erase_if(inherited_, [&](const PortMapping& mapping) {
    return !gateway_.contains(mapping.target);
  });
  if (gateway6_) {
    leases6_.emplace(*gateway6_);
    inherited6_ = firewall_.mappings6();
    std::erase_if(inherited6_, [&](const PortMapping6& mapping) {
      return !gateway6_->contains(mapping.target);
    });
  }
  // Rules first: there is no moment in which containers are open to others.
  firewall_.rebuild(inherited_, inherited6_);
  make_bridge();
  prepare_ipv6();
  set_sysctl("net/ipv4/conf/" + options_.bridge + "/route_localnet", "1");
  set_sysctl("net/ipv4/ip_forward", "1");
  for (const Link& link : container_links()) {
    inherited_links_.insert_or_assign(link.alias, link);
  }
}

/// Nobody's router advertisements, forwarding, and the gateway's address; of a
/// bridge without IPv6, no IPv6 at all.
void BridgeNetwork::State::prepare_ipv6() {
  const std::string here = "net/ipv6/conf/" + options_.bridge + "/";
  if (!gateway6_) {
    return;
  }
  set_sysctl(here + "disable_ipv6", "0");
  set_sysctl(here + "accept_ra", "0");
  set_sysctl("net/ipv6/conf/all/forwarding", "1");
  // Whoever forwards asks for a neighbour under a link-local address, and
  // without one does not ask at all: ndisc_send_ns() in Linux's ndisc.c.
  links_.set_address(bridge_, typed(parse_subnet6("fe80::1/64")));
  links_.set_address(bridge_, *gateway6_);
}

void BridgeNetwork::State::set_up_leases() {
  if (!options_.ip_range.empty()) {
    leases_.prefer(typed(parse_subnet(options_.ip_range)));
  }
  for (const std::string& address : options_.reserved) {
    if (const auto v4 = parse_ipv4(address)) {
      leases_.reserve(*v4);
    }
  }
}

Subnet BridgeNetwork::State::choose_gateway() {
  if (!options_.subnet.empty()) {
    Subnet subnet = as_gateway(typed(parse_subnet(options_.subnet)));
    if (!options_.gateway.empty()) {
      subnet.address = typed(parse_ipv4(options_.gateway));
    }
    return subnet;
  }
  if (const auto bridge = links_.find(options_.bridge)) {
    const auto addresses = links_.addresses(bridge->index);
    if (!addresses.empty()) {
      return as_gateway(addresses.front());
    }
  }
  return as_gateway(free_subnet(options_.pools, {}));
}

void BridgeNetwork::State::make_bridge() {
  auto bridge = links_.find(options_.bridge);
  if (!bridge) {
    links_.create_bridge(options_.bridge, mac_of(gateway_.address),
                         options_.mtu);
    bridge = links_.find(options_.bridge);
  }
  if (!bridge || bridge->kind != "bridge") {
    throw Error({.code = EEXIST, .call = "find the link"},
                options_.bridge + " is not a bridge");
  }
  bridge_ = bridge->index;
  const auto addresses = links_.addresses(bridge_);
  for (const Subnet& old : addresses) {
    if (old != gateway_) {
      links_.remove_address(bridge_, old);
    }
  }
  if (std::ranges::find(addresses, gateway_) == addresses.end()) {
    links_.set_address(bridge_, gateway_);
  }
  links_.set_up(bridge_);
}

}  // namespace docker_cpp::network
