// SPDX-License-Identifier: Apache-2.0
#include "bridge_state.hpp"

#include <net/if.h>

#include <algorithm>
#include <random>
#include <utility>

#include "docker_cpp/network/container_side.hpp"
#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/failpoint.hpp"

namespace docker_cpp::network {
namespace {

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

void BridgeNetwork::State::link_up(BridgeEndpoint& endpoint, int netns,
                                   const EndpointRequest& request) {
  ContainerSide inside(netns, gateway6_ ? ContainerSide::Ipv6Use::on
                                        : ContainerSide::Ipv6Use::off);
  const std::string name = inside.name_for(request);
  give_way(endpoint.info);
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
  links_.set_up_port(endpoint.link.index,
                     {.hairpin = !endpoint.info.ports.empty(),
                      .isolated = options_.isolate_members});
  shape(endpoint);
  // An internal network leads nowhere, so it is nobody's way out.
  inside.set_up(name, endpoint.info,
                request.default_route && !options_.internal
                    ? ContainerSide::WayOut::by_gateway
                    : ContainerSide::WayOut::none);
  // Or the first packets are lost, and TCP tries again only after a second:
  // by the container's end, by the port that does not forward yet, and by the
  // bridge, which has no carrier before its first port.
  links_.wait_until_operational(endpoint.link.name);
  links_.wait_until_operational(options_.bridge);
}

/// The last one with this address may still be a port of the bridge. It is
/// cut here and not in disconnect(): that would wait for the lock which the
/// kernel holds while it takes the dead container's links down.
void BridgeNetwork::State::give_way(const EndpointInfo& info) {
  const std::string& address = info.ip.empty() ? info.ip6 : info.ip;
  if (const auto old = retired_.find(address); old != retired_.end()) {
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
    endpoint.lease = addresses_.lease(request);
    endpoint.info = addresses_.describe(endpoint.lease, request.mac);
    endpoint.info.options = request.options;
    endpoint.bandwidth = bandwidth_of(request.options);
    reserve(endpoint, request.ports);
    DOCKER_CPP_FAILPOINT("network.reserved");
    link_up(endpoint, netns, request);
    add_rules(endpoint);
    return endpoints_.emplace(request.container_id, std::move(endpoint))
        .first->second.info;
  } catch (...) {
    if (!endpoint.link.name.empty()) {
      unshape(endpoint);
      reaper_.add(endpoint.link.name);
    }
    addresses_.release(endpoint.lease);
    throw;
  }
}

void BridgeNetwork::State::release(const BridgeEndpoint& endpoint) {
  firewall_.remove(endpoint.mappings, endpoint.mappings6);
  unshape(endpoint);
  if (!endpoint.link.name.empty()) {
    const EndpointInfo& info = endpoint.info;
    retired_[info.ip.empty() ? info.ip6 : info.ip] = endpoint.link.index;
    reaper_.add(endpoint.link.name);
  }
  addresses_.release(endpoint.lease);
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
  if (endpoints_.contains(id)) {
    return;
  }
  endpoint.lease = addresses_.keep(info);
  endpoint.bandwidth = bandwidth_of(info.options);
  keep_ports(endpoint);
  endpoints_.emplace(id, std::move(endpoint));
}

void BridgeNetwork::State::reconcile() {
  const std::lock_guard lock(mutex_);
  inherited_.clear();
  inherited6_.clear();
  rebuild_rules();
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

/// Ours have a container's id as their alias. The operator's own bridge may
/// have other ports, and Docker's or Podman's links have the same names.
std::vector<Link> BridgeNetwork::State::container_links() {
  std::vector<Link> links = links_.list();
  std::erase_if(links, [&](const Link& link) {
    return link.master != bridge_ || link.kind != "veth" ||
           !link.name.starts_with("veth") || link.alias.empty();
  });
  return links;
}

void BridgeNetwork::State::remove() {
  const std::lock_guard lock(mutex_);
  for (const auto& [id, endpoint] : endpoints_) {
    reaper_.add(endpoint.link.name);
    addresses_.release(endpoint.lease);
  }
  reaper_.settle();
  endpoints_.clear();
  inherited_.clear();
  // The bridge first: while it is there, its rules are.
  remove_bridge();
  firewall_.destroy();
  shaper_.destroy();
}

void BridgeNetwork::State::on_change() {
  const std::lock_guard lock(mutex_);
  if (firewall_.needs_rebuild()) {
    rebuild_rules();
  }
}

void BridgeNetwork::State::shape(const BridgeEndpoint& endpoint) {
  if (endpoint.bandwidth.limited() && !endpoint.link.name.empty()) {
    shaper_.limit(endpoint.link, endpoint.bandwidth);
  }
}

void BridgeNetwork::State::unshape(const BridgeEndpoint& endpoint) {
  if (endpoint.bandwidth.out != 0 && !endpoint.link.name.empty()) {
    shaper_.forget(endpoint.link.name);
  }
}

/// The limits with them, all at once: a link that is gone has none.
void BridgeNetwork::State::rebuild_rules() {
  firewall_.rebuild(all_mappings(), all_mappings6());
  shaper_.destroy();
  for (const auto& [id, endpoint] : endpoints_) {
    try {
      shape(endpoint);
    } catch (const Error& error) {
      if (error.code().value() != ENODEV && error.code().value() != ENOENT) {
        throw;
      }
    }
  }
}

}  // namespace docker_cpp::network
