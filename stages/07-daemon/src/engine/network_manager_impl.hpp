// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "../networks/cluster.hpp"
#include "../networks/ipam_plugin.hpp"
#include "../networks/overlay_keys.hpp"
#include "network_names.hpp"

#include "docker_cpp/daemon/networks.hpp"

namespace docker_cpp::daemon {

struct NetworkManager::Impl {
  struct Entry {
    NetworkPtr model;
    std::shared_ptr<network::NetworkDriver> driver;  ///< null: host, none
    std::shared_ptr<IpamPlugin> ipam;  ///< null: addresses are the driver's
    std::string problem;  ///< why there is no driver, if there should be
    std::map<std::string, std::string> members;  ///< container id to name
    /// Of those members that have any.
    std::map<std::string, std::vector<network::PublishedPort>> ports;
  };
  using EntryPtr = std::shared_ptr<Entry>;
  using DriverPtr = std::shared_ptr<network::NetworkDriver>;

  explicit Impl(Options given);

  // network_manager.cpp
  [[nodiscard]] EntryPtr find(std::string_view ref) const;
  [[nodiscard]] DriverPtr driver_of(const Endpoint& endpoint) const;
  void emit(const std::string& action, const Network& network,
            const std::string& container = {}) const;
  /// Addresses of the network's IPAM plugin, if it has one.
  void take_addresses(const Entry& entry, Endpoint& endpoint,
                      network::EndpointRequest& request) const;
  void give_back_addresses(const Entry& entry, const Endpoint& endpoint) const;
  void forget_member(Entry& entry, const std::string& container);
  void note_ports(Entry& entry, const std::string& container,
                  const std::vector<network::PublishedPort>& ports);
  /// " (by container web)" where it is one of ours.
  [[nodiscard]] std::string owner_of(const network::PortAllocated& port) const;

  // network_records.cpp
  void add_predefined();
  void read_all();
  void read_one(const std::string& id);
  void store(const Network& network) const;
  void erase(const Network& network) const;
  void choose_addresses(Network& network) const;
  void require_free_parent(const Network& wanted) const;
  void take_configuration(Network& wanted) const;
  void require_no_dependants(const Network& network) const;

  // network_drivers.cpp
  /// Is there one of that name? \throws ApiError not_found
  void check_driver(const Network& wanted) const;
  enum class Beginning : std::uint8_t { made, found };
  [[nodiscard]] DriverPtr make_driver(const Network& network,
                                      Beginning beginning) const;
  [[nodiscard]] std::shared_ptr<IpamPlugin> make_ipam(
      const Network& network) const;

  void watch(const Entry& entry);
  void require_free_name(const Network& wanted) const;

  // network_overlay.cpp
  void start_cluster();
  void follow_cluster();
  void check_overlay(const Network& wanted) const;
  void join_cluster(Network& wanted) const;
  void leave_cluster(const Network& network) const;
  [[nodiscard]] DriverPtr make_overlay(const Network& network) const;
  void claim_addresses(const Entry& entry, Endpoint& endpoint,
                       network::EndpointRequest& request) const;
  [[nodiscard]] ClusterEndpoint as_told(const Network& network,
                                        const Container& container,
                                        const Endpoint& endpoint) const;
  void network_appeared(const std::string& record);
  void network_gone(const std::string& id);
  [[nodiscard]] std::pair<NetworkPtr, network::OverlayNetwork*> overlay(
      const std::string& id) const;
  void endpoint_appeared(const ClusterEndpoint& one);
  void endpoint_gone(const ClusterEndpoint& one);

  Options options;
  NetworkNames names;
  std::mutex making;  ///< one network is made or removed at a time
  mutable std::mutex mutex;
  std::vector<EntryPtr> entries;  ///< under the mutex, and what is in them
  std::function<void(const std::string&, Watch)> tell_watch;
  std::function<void(const std::string&)> forget_watch;
  std::unique_ptr<OverlayKeys> keys;  ///< with the cluster
  /// Last, for its thread uses all the others; null: this host is alone.
  std::unique_ptr<Cluster> cluster;
};

}  // namespace docker_cpp::daemon
