// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <expected>
#include <map>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "link_reaper.hpp"

#include "docker_cpp/network/address_pool.hpp"
#include "docker_cpp/network/bridge_network.hpp"
#include "docker_cpp/network/firewall.hpp"
#include "docker_cpp/network/links.hpp"
#include "docker_cpp/network/port_allocator.hpp"

namespace docker_cpp::network {

/// What a person typed, or a sentence about it.
template <typename T>
T typed(std::expected<T, std::string> parsed) {
  if (!parsed) {
    throw std::invalid_argument(parsed.error());
  }
  return *std::move(parsed);
}

/// All that one connected container holds.
struct BridgeEndpoint {
  EndpointInfo info;
  Link link;  ///< the host's end of its veth pair
  Ipv4 ip;    ///< 0.0.0.0: none leased yet
  Ipv6 ip6;   ///< ::, likewise
  std::vector<PortMapping> mappings;
  std::vector<PortMapping6> mappings6;
  std::vector<PortReservation> reservations;
};

class BridgeNetwork::State {
 public:
  explicit State(Options options);

  EndpointInfo connect(int netns, const EndpointRequest& request);
  std::vector<PublishedPort> publish(std::string_view id,
                                     const std::vector<PublishedPort>& ports);
  void disconnect(std::string_view id);
  void adopt(std::string_view id, const EndpointInfo& info);
  void reconcile();
  void remove();
  void on_change();
  void settle() { reaper_.settle(); }

  [[nodiscard]] int change_fd() const noexcept { return firewall_.change_fd(); }
  [[nodiscard]] const Options& options() const noexcept { return options_; }
  [[nodiscard]] const std::string& gateway() const noexcept {
    return gateway_text_;
  }
  [[nodiscard]] const std::string& subnet() const noexcept {
    return subnet_text_;
  }

 private:
  Subnet choose_gateway();
  void make_bridge();
  void lease(BridgeEndpoint& endpoint, const EndpointRequest& request);
  void lease6(BridgeEndpoint& endpoint, const EndpointRequest& request);
  void set_up_ipv6(Links& inside, int index, const BridgeEndpoint& endpoint,
                   const EndpointRequest& request) const;
  void prepare_ipv6();

  // bridge_ports.cpp
  void reserve(BridgeEndpoint& endpoint,
               const std::vector<PublishedPort>& ports);
  std::uint16_t reserve_v4(BridgeEndpoint& endpoint, PublishedPort port);
  void reserve_v6(BridgeEndpoint& endpoint, PublishedPort port);
  void keep_ports(BridgeEndpoint& endpoint);
  void link_up(BridgeEndpoint& endpoint, int netns,
               const EndpointRequest& request);
  void add_rules(const BridgeEndpoint& endpoint);
  void set_up_leases();
  void give_way(Ipv4 ip);
  void release(const BridgeEndpoint& endpoint);
  [[nodiscard]] std::vector<Link> container_links();
  [[nodiscard]] std::vector<PortMapping> all_mappings() const;
  [[nodiscard]] std::vector<PortMapping6> all_mappings6() const;

  std::mutex mutex_;
  Options options_;
  Links links_;
  int bridge_ = 0;  ///< index of the bridge
  Subnet gateway_;
  std::string gateway_text_;
  std::string subnet_text_;
  std::optional<Subnet6> gateway6_;
  Firewall firewall_;
  LeaseSet leases_;
  std::optional<LeaseSet6> leases6_;
  PortAllocator ports_;
  std::map<std::string, BridgeEndpoint, std::less<>> endpoints_;
  /// Ports of an earlier object's containers that nobody has adopted so far.
  std::vector<PortMapping> inherited_;
  std::vector<PortMapping6> inherited6_;
  /// Their links, by container.
  std::map<std::string, Link, std::less<>> inherited_links_;
  /// Links that wait for the reaper while their address is free again.
  std::map<Ipv4, int> retired_;
  LinkReaper reaper_;
};

}  // namespace docker_cpp::network
