// SPDX-License-Identifier: Apache-2.0
#include <net/if.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "bridge_alias.hpp"
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
      gateway6_(gateway6_of(options_.subnet6, options_.gateway6)),
      addresses_({.network = options_.bridge,
                  .gateway = gateway_,
                  .gateway6 = gateway6_,
                  .ip_range = options_.ip_range,
                  .ip_range6 = options_.ip_range6,
                  .reserved = options_.reserved}),
      gateway_text_(addresses_.gateway_text()),
      subnet_text_(addresses_.subnet_text()),
      firewall_({.bridge = options_.bridge,
                 .subnet = gateway_,
                 .subnet6 = gateway6_,
                 .masquerade = options_.masquerade,
                 .internal = options_.internal,
                 .isolate_members = options_.isolate_members}),
      shaper_(firewall_.table()) {
  firewall_.trust(shaper_.port());
  inherit();
  // Rules first: there is no moment in which containers are open to others.
  firewall_.rebuild(inherited_, inherited6_);
  make_bridge();
  prepare_ipv6();
  if (gateway_) {
    set_sysctl("net/ipv4/conf/" + options_.bridge + "/route_localnet", "1");
    set_sysctl("net/ipv4/ip_forward", "1");
  }
  for (const Link& link : container_links()) {
    inherited_links_.insert_or_assign(link.alias, link);
  }
}

/// The ports that the kernel has from an earlier object.
void BridgeNetwork::State::inherit() {
  if (gateway_) {
    inherited_ = firewall_.mappings();
    std::erase_if(inherited_, [&](const PortMapping& mapping) {
      return !gateway_->contains(mapping.target);
    });
  }
  if (gateway6_) {
    inherited6_ = firewall_.mappings6();
    std::erase_if(inherited6_, [&](const PortMapping6& mapping) {
      return !gateway6_->contains(mapping.target);
    });
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

std::optional<Subnet> BridgeNetwork::State::choose_gateway() {
  if (!options_.ipv4) {
    return std::nullopt;
  }
  if (!options_.subnet.empty()) {
    return gateway_of(options_.subnet, options_.gateway);
  }
  if (const auto bridge = links_.find(options_.bridge)) {
    const auto addresses = links_.addresses(bridge->index);
    if (!addresses.empty()) {
      return gateway_of(to_string(addresses.front()), "");
    }
  }
  return gateway_of(to_string(free_subnet(options_.pools, {})), "");
}

void BridgeNetwork::State::make_bridge() {
  auto bridge = links_.find(options_.bridge);
  if (!bridge) {
    const Ipv6 v6 = gateway6_.value_or(Subnet6{}).address;
    const Ipv4 number =
        gateway_ ? gateway_->address : Ipv4::from_bytes(v6.value.data() + 12);
    links_.create_bridge(options_.bridge, mac_of(number), options_.mtu);
    bridge = links_.find(options_.bridge);
  }
  if (!bridge || bridge->kind != "bridge") {
    throw Error({.code = EEXIST, .call = "find the link"},
                options_.bridge + " is not a bridge");
  }
  bridge_ = bridge->index;
  is_ours_ = bridge->alias == bridge_alias;
  give_bridge_its_address();
  links_.set_up(bridge_);
}

void BridgeNetwork::State::give_bridge_its_address() {
  const auto addresses = links_.addresses(bridge_);
  for (const Subnet& old : addresses) {
    if (is_ours_ && (!gateway_ || old != *gateway_)) {
      links_.remove_address(bridge_, old);
    }
  }
  if (gateway_ && std::ranges::find(addresses, *gateway_) == addresses.end()) {
    links_.set_address(bridge_, *gateway_);
  }
}

/// One that somebody else made stays, with the address that he gave it first.
void BridgeNetwork::State::remove_bridge() {
  if (is_ours_) {
    links_.remove(options_.bridge);
    return;
  }
  const auto addresses = links_.find(options_.bridge)
                             ? links_.addresses(bridge_)
                             : std::vector<Subnet>{};
  if (gateway_ && !addresses.empty() && addresses.front() != *gateway_ &&
      std::ranges::find(addresses, *gateway_) != addresses.end()) {
    links_.remove_address(bridge_, *gateway_);
  }
}

}  // namespace docker_cpp::network
