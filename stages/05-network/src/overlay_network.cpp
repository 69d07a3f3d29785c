// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/network/overlay_network.hpp"

#include <utility>

#include "docker_cpp/network/container_side.hpp"
#include "docker_cpp/network/network_addresses.hpp"

namespace docker_cpp::network {
namespace {

constexpr std::uint32_t last_vni = (1U << 24U) - 1;

OverlayNetwork::Options checked(OverlayNetwork::Options options) {
  if (options.vni == 0 || options.vni > last_vni) {
    throw std::invalid_argument(
        "invalid VXLAN id: " + std::to_string(options.vni) +
        " (1 to 16777215)");
  }
  static_cast<void>(typed(parse_ipv4(options.local)));
  return options;
}

}  // namespace

OverlayNetwork::OverlayNetwork(Options options)
    : options_(checked(std::move(options))),
      bridge_(options_.bridge),
      links_(Links::open()) {
  if (!links_.find(options_.vxlan)) {
    links_.create_vxlan(
        {.name = options_.vxlan,
         .vni = options_.vni,
         .local = typed(parse_ipv4(options_.local)),
         .port = options_.port,
         .bridge = must_find(links_, options_.bridge.bridge).index,
         .mtu = options_.bridge.mtu});
  }
  vxlan_ = must_find(links_, options_.vxlan).index;
  links_.set_up(vxlan_);
}

EndpointInfo OverlayNetwork::connect(int netns_fd,
                                     const EndpointRequest& request) {
  return bridge_.connect(netns_fd, request);
}

std::vector<PublishedPort> OverlayNetwork::publish(
    std::string_view container_id, const std::vector<PublishedPort>& ports) {
  return bridge_.publish(container_id, ports);
}

void OverlayNetwork::disconnect(std::string_view container_id) {
  bridge_.disconnect(container_id);
}

void OverlayNetwork::adopt(std::string_view container_id,
                           const EndpointInfo& info) {
  bridge_.adopt(container_id, info);
}

void OverlayNetwork::remove() {
  const std::lock_guard lock(mutex_);
  links_.remove(options_.vxlan);
  bridge_.remove();
}

void OverlayNetwork::add_peer(const OverlayPeer& peer) {
  const std::lock_guard lock(mutex_);
  const MacAddress mac = typed(parse_mac(peer.mac));
  links_.add_remote_mac(vxlan_, mac, typed(parse_ipv4(peer.host)));
  if (const auto ip = parse_ipv4(peer.ip)) {
    links_.add_neighbour(vxlan_, *ip, mac);
  }
  if (const auto ip6 = parse_ipv6(peer.ip6)) {
    links_.add_neighbour(vxlan_, *ip6, mac);
  }
}

void OverlayNetwork::remove_peer(const OverlayPeer& peer) {
  const std::lock_guard lock(mutex_);
  links_.remove_remote_mac(vxlan_, typed(parse_mac(peer.mac)));
  if (const auto ip = parse_ipv4(peer.ip)) {
    links_.remove_neighbour(vxlan_, *ip);
  }
  if (const auto ip6 = parse_ipv6(peer.ip6)) {
    links_.remove_neighbour(vxlan_, *ip6);
  }
}

}  // namespace docker_cpp::network
