// SPDX-License-Identifier: Apache-2.0
#include "bridge_state.hpp"

#include <net/if.h>

#include <algorithm>
#include <random>
#include <stdexcept>
#include <utility>

#include "docker_cpp/network/in_namespace.hpp"
#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/failpoint.hpp"
#include "docker_cpp/sys/file.hpp"

namespace docker_cpp::network {
namespace {

Link must_find(Links& links, const std::string& name) {
  const auto link = links.find(name);
  if (!link) {
    throw Error({.code = ENODEV, .call = "find the link"}, "look up " + name);
  }
  return *link;
}

/// "veth", because network managers leave links of that name alone. Never the
/// same twice: the link of the container's last run may still be on its way
/// out when the next one is made.
std::string new_link_name() {
  std::random_device random;
  std::string name = "veth";
  while (name.size() < IFNAMSIZ - 1) {
    name += "0123456789abcdef"[random() & 15U];
  }
  return name;
}

}  // namespace

void BridgeNetwork::State::lease(BridgeEndpoint& endpoint,
                                 const EndpointRequest& request) {
  if (request.ip.empty()) {
    const auto address = leases_.take();
    if (!address) {
      throw std::runtime_error(
          "no available IPv4 addresses on this network's "
          "address pools: " +
          options_.bridge + " (" + subnet_text_ + ")");
    }
    endpoint.ip = *address;
  } else {
    const Ipv4 wanted = typed(parse_ipv4(request.ip));
    if (!gateway_.contains(wanted)) {
      throw std::invalid_argument("invalid address " + request.ip +
                                  ": It does not belong to any of this "
                                  "network's subnets");
    }
    if (!leases_.take(wanted)) {
      throw Error({.code = EADDRINUSE, .call = "lease"},
                  "give the address " + request.ip);
    }
    endpoint.ip = wanted;
  }
  const MacAddress mac =
      request.mac.empty() ? mac_of(endpoint.ip) : typed(parse_mac(request.mac));
  endpoint.info = {.ip = to_string(endpoint.ip),
                   .gateway = gateway_text_,
                   .mac = to_string(mac),
                   .prefix_len = gateway_.prefix_len};
}

void BridgeNetwork::State::link_up(BridgeEndpoint& endpoint, int netns,
                                   const EndpointRequest& request) {
  std::optional<Links> inside;
  in_network_namespace(netns, [&] {
    inside = Links::open();
    // For links made from now on. There are no such files where the machine
    // was booted without IPv6.
    const std::string defaults = "/proc/sys/net/ipv6/conf/default/";
    static_cast<void>(sys::write_control((defaults + "disable_ipv6").c_str(),
                                         gateway6_ ? "0" : "1"));
    static_cast<void>(
        sys::write_control((defaults + "accept_ra").c_str(), "0"));
  });
  std::string name = "eth0";
  for (int i = 1; inside->find(name); ++i) {
    name = "eth" + std::to_string(i);
  }
  give_way(endpoint.ip);
  endpoint.link.name = new_link_name();
  links_.create_veth({.name = endpoint.link.name,
                      .alias = endpoint.link.alias,
                      .bridge = bridge_,
                      .peer_name = name,
                      .peer_netns = netns,
                      .peer_mac = typed(parse_mac(endpoint.info.mac)),
                      .mtu = options_.mtu});
  DOCKER_CPP_FAILPOINT("network.link_made");
  endpoint.link = must_find(links_, endpoint.link.name);
  const int index = must_find(*inside, name).index;
  // An internal network leads nowhere, so it is nobody's way out.
  const bool way_out = request.default_route && !options_.internal;
  inside->set_up_endpoint(
      index, {.address = endpoint.ip, .prefix_len = gateway_.prefix_len},
      way_out ? std::optional(gateway_.address) : std::nullopt);
  set_up_ipv6(*inside, index, endpoint, request);
  links_.set_up_port(endpoint.link.index,
                     {.hairpin = !endpoint.info.ports.empty(),
                      .isolated = options_.isolate_members});
  // Or the first packets are lost, and TCP tries again only after a second:
  // by the container's end, by the port that does not forward yet, and by the
  // bridge, which has no carrier before its first port.
  inside->wait_until_operational(name);
  links_.wait_until_operational(endpoint.link.name);
  links_.wait_until_operational(options_.bridge);
}

void BridgeNetwork::State::lease6(BridgeEndpoint& endpoint,
                                  const EndpointRequest& request) {
  if (!leases6_) {
    if (!request.ip6.empty()) {
      throw std::invalid_argument("invalid address " + request.ip6 +
                                  ": this network has no IPv6");
    }
    return;
  }
  if (request.ip6.empty()) {
    const auto address = leases6_->take();
    if (!address) {
      throw std::runtime_error(
          "no available IPv6 addresses on this network's address pools: " +
          options_.bridge);
    }
    endpoint.ip6 = *address;
  } else {
    const Ipv6 wanted = typed(parse_ipv6(request.ip6));
    if (!gateway6_->contains(wanted)) {
      throw std::invalid_argument("invalid address " + request.ip6 +
                                  ": It does not belong to any of this "
                                  "network's subnets");
    }
    if (!leases6_->take(wanted)) {
      throw Error({.code = EADDRINUSE, .call = "lease"},
                  "give the address " + request.ip6);
    }
    endpoint.ip6 = wanted;
  }
  endpoint.info.ip6 = to_string(endpoint.ip6);
  endpoint.info.gateway6 = to_string(gateway6_->address);
  endpoint.info.prefix_len6 = gateway6_->prefix_len;
}

void BridgeNetwork::State::set_up_ipv6(Links& inside, int index,
                                       const BridgeEndpoint& endpoint,
                                       const EndpointRequest& request) const {
  if (!gateway6_) {
    return;
  }
  const bool way_out = request.default_route && !options_.internal;
  inside.set_address(
      index, {.address = endpoint.ip6, .prefix_len = gateway6_->prefix_len},
      way_out ? std::optional(gateway6_->address) : std::nullopt);
}

/// The last one with this address may still be a port of the bridge. It is
/// cut here and not in disconnect(): that would wait for the lock which the
/// kernel holds while it takes the dead container's links down.
void BridgeNetwork::State::give_way(Ipv4 ip) {
  if (const auto old = retired_.find(ip); old != retired_.end()) {
    links_.cut_port(old->second);
    retired_.erase(old);
  }
}

EndpointInfo BridgeNetwork::State::connect(int netns,
                                           const EndpointRequest& request) {
  disconnect(request.container_id);
  const std::lock_guard lock(mutex_);
  BridgeEndpoint endpoint;
  endpoint.link.alias = request.container_id;
  try {
    lease(endpoint, request);
    lease6(endpoint, request);
    reserve(endpoint, request.ports);
    DOCKER_CPP_FAILPOINT("network.reserved");
    link_up(endpoint, netns, request);
    add_rules(endpoint);
    return endpoints_.emplace(request.container_id, std::move(endpoint))
        .first->second.info;
  } catch (...) {
    if (!endpoint.link.name.empty()) {
      reaper_.add(endpoint.link.name);
    }
    leases_.release(endpoint.ip);
    if (leases6_) {
      leases6_->release(endpoint.ip6);
    }
    throw;
  }
}

void BridgeNetwork::State::release(const BridgeEndpoint& endpoint) {
  firewall_.remove(endpoint.mappings, endpoint.mappings6);
  if (!endpoint.link.name.empty()) {
    retired_[endpoint.ip] = endpoint.link.index;
    reaper_.add(endpoint.link.name);
  }
  leases_.release(endpoint.ip);
  if (leases6_) {
    leases6_->release(endpoint.ip6);
  }
}

void BridgeNetwork::State::disconnect(std::string_view id) {
  const std::lock_guard lock(mutex_);
  const auto found = endpoints_.find(id);
  if (found != endpoints_.end()) {
    release(found->second);
    endpoints_.erase(found);
  }
}

void BridgeNetwork::State::adopt(std::string_view id,
                                 const EndpointInfo& info) {
  const std::lock_guard lock(mutex_);
  BridgeEndpoint endpoint;
  endpoint.info = info;
  if (const auto link = inherited_links_.find(id);
      link != inherited_links_.end()) {
    endpoint.link = link->second;
  }
  endpoint.ip = typed(parse_ipv4(info.ip));
  if (endpoints_.contains(id)) {
    return;
  }
  static_cast<void>(leases_.take(endpoint.ip));  // it has it already
  if (!info.ip6.empty() && leases6_) {
    endpoint.ip6 = typed(parse_ipv6(info.ip6));
    static_cast<void>(leases6_->take(endpoint.ip6));
  }
  keep_ports(endpoint);
  endpoints_.emplace(id, std::move(endpoint));
}

void BridgeNetwork::State::reconcile() {
  const std::lock_guard lock(mutex_);
  inherited_.clear();
  inherited6_.clear();
  firewall_.rebuild(all_mappings(), all_mappings6());
  std::vector<std::string> known;
  for (const auto& [id, endpoint] : endpoints_) {
    known.push_back(endpoint.link.name);
  }
  for (const Link& link : container_links()) {
    if (std::ranges::find(known, link.name) == known.end()) {
      links_.cut_port(link.index);
      reaper_.add(link.name);
    }
  }
  inherited_links_.clear();
}

std::vector<Link> BridgeNetwork::State::container_links() {
  std::vector<Link> links = links_.list();
  std::erase_if(links, [&](const Link& link) {
    return link.master != bridge_ || link.kind != "veth" ||
           !link.name.starts_with("veth");
  });
  return links;
}

void BridgeNetwork::State::remove() {
  const std::lock_guard lock(mutex_);
  for (const auto& [id, endpoint] : endpoints_) {
    reaper_.add(endpoint.link.name);
    leases_.release(endpoint.ip);
  }
  reaper_.settle();
  endpoints_.clear();
  inherited_.clear();
  // The bridge first: while it is there, its rules are.
  links_.remove(options_.bridge);
  firewall_.destroy();
}

void BridgeNetwork::State::on_change() {
  const std::lock_guard lock(mutex_);
  if (firewall_.needs_rebuild()) {
    firewall_.rebuild(all_mappings(), all_mappings6());
  }
}

}  // namespace docker_cpp::network
