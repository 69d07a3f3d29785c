// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "docker_cpp/network/ipv4.hpp"
#include "docker_cpp/network/network_driver.hpp"

namespace docker_cpp::network {

/// One bridge, the containers on it, and the nftables table that goes with it.
///
/// Everything it makes carries the bridge's name: the table
/// `ip docker-cpp-BRIDGE`, and links that are ports of the bridge. Nothing
/// else is touched, so several daemons live side by side, and beside Docker.
/// The kernel's state outlives the object: a new one adopts it.
///
/// Thread safe. Works in the network namespace of the thread that made it, and
/// may be used from any thread.
/// \stage{05}  \man{veth,4}  \man{rtnetlink,7}
class BridgeNetwork final : public NetworkDriver {
 public:
  struct Options {
    std::string bridge = "dcpp0";
    bool ipv4 = true;  ///< without it there must be a subnet6
    /// Gateway and prefix, "172.19.0.1/16", as dockerd's --bip. Empty: what
    /// the bridge already has, or the first of the pools that no route of the
    /// host overlaps.
    std::string subnet;
    /// "base=172.17.0.0/12,size=16" each, as dockerd's
    /// --default-address-pool. Empty: Docker's own.
    std::vector<std::string> pools;
    std::string gateway;    ///< within the subnet; empty: as `subnet` says
    std::string ip_range;   ///< containers get addresses of this part of it
    std::string ip_range6;  ///< likewise
    std::vector<std::string> reserved;  ///< addresses that nobody gets
    std::string subnet6;                ///< "fd00:1::/64"; empty: no IPv6
    std::string gateway6;               ///< empty: its first address
    int mtu = 1500;
    std::string host_ip;           ///< of ports published without one
    bool masquerade = true;        ///< the way out is under the host's address
    bool internal = false;         ///< no way out, no way in
    bool isolate_members = false;  ///< containers do not reach each other
  };

  /// Makes or adopts bridge and rules. Published ports of an earlier object
  /// keep working until reconcile() is called.
  /// \throws Error
  explicit BridgeNetwork(Options options);
  BridgeNetwork(const BridgeNetwork&) = delete;
  BridgeNetwork& operator=(const BridgeNetwork&) = delete;

  /// Leaves bridge, links and rules as they are: containers run on.
  ~BridgeNetwork() override;

  EndpointInfo connect(int netns_fd, const EndpointRequest& request) override;
  std::vector<PublishedPort> publish(
      std::string_view container_id,
      const std::vector<PublishedPort>& ports) override;
  void disconnect(std::string_view container_id) override;
  void settle() override;
  void adopt(std::string_view container_id, const EndpointInfo& info) override;
  void reconcile() override;
  void remove() override;
  [[nodiscard]] int change_fd() const noexcept override;
  void on_change() override;
  [[nodiscard]] const std::string& subnet() const noexcept override;
  [[nodiscard]] const std::string& gateway() const noexcept override;
  [[nodiscard]] const std::string& bridge() const noexcept;

 private:
  class State;
  std::unique_ptr<State> state_;
};

/// The first subnet of the pools ("base=…,size=…"; none: Docker's own) that
/// overlaps neither what is taken nor a route or a name server of this host.
/// \throws std::runtime_error when there is none
[[nodiscard]] Subnet free_subnet(const std::vector<std::string>& pools,
                                 std::vector<Subnet> taken);

}  // namespace docker_cpp::network
