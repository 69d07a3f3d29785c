// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "link_reaper.hpp"
#include "traffic_shaper.hpp"

#include "docker_cpp/network/bridge_network.hpp"
#include "docker_cpp/network/firewall.hpp"
#include "docker_cpp/network/links.hpp"
#include "docker_cpp/network/network_addresses.hpp"
#include "docker_cpp/network/port_allocator.hpp"

namespace docker_cpp::network {

/// All that one connected container holds.
struct BridgeEndpoint {
  EndpointInfo info;
  Link link;  ///< the host's end of its veth pair
  AddressLease lease;
  std::vector<PortMapping> mappings;
  std::vector<PortMapping6> mappings6;
  std::vector<PortReservation> reservations;
  Bandwidth bandwidth;
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
  std::optional<Subnet> choose_gateway();
  void make_bridge();
  void give_bridge_its_address();
  void remove_bridge();
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
  void inherit();
  void shape(const BridgeEndpoint& endpoint);
  void unshape(const BridgeEndpoint& endpoint);
  void rebuild_rules();
  void give_way(const EndpointInfo& info);
  void release(const BridgeEndpoint& endpoint);
  [[nodiscard]] std::vector<Link> container_links();
  [[nodiscard]] std::vector<PortMapping> all_mappings() const;
  [[nodiscard]] std::vector<PortMapping6> all_mappings6() const;

  std::mutex mutex_;
  Options options_;
  Links links_;
  int bridge_ = 0;       ///< index of the bridge
  bool is_ours_ = true;  ///< we made it
  std::optional<Subnet> gateway_;
  std::optional<Subnet6> gateway6_;
  NetworkAddresses addresses_;
  std::string gateway_text_;
  std::string subnet_text_;
  Firewall firewall_;
  TrafficShaper shaper_;
  PortAllocator ports_;
  std::map<std::string, BridgeEndpoint, std::less<>> endpoints_;
  /// Ports of an earlier object's containers that nobody has adopted so far.
  std::vector<PortMapping> inherited_;
  std::vector<PortMapping6> inherited6_;
  /// Their links, by container.
  std::map<std::string, Link, std::less<>> inherited_links_;
  /// Links that wait for the reaper while their address is free again.
  std::map<std::string, int> retired_;
  LinkReaper reaper_;
};

}  // namespace docker_cpp::network
