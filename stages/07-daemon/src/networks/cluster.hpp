// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "etcd_client.hpp"

#include "docker_cpp/daemon/model.hpp"
#include "docker_cpp/network/ipsec.hpp"
#include "docker_cpp/network/network_addresses.hpp"
#include "docker_cpp/network/overlay_network.hpp"

namespace docker_cpp::daemon {

/// A container on an overlay network, as all hosts know it.
struct ClusterEndpoint {
  std::string network;  ///< id
  network::OverlayPeer peer;
  std::string container;  ///< id
  std::string name;
  Strings aliases;

  bool operator==(const ClusterEndpoint&) const = default;
};

/// What the hosts of overlay networks agree on, in etcd: the networks, who has
/// which address, and where. docs/formats/cluster.md lists the keys.
///
/// What belongs to a host hangs on its lease: a host that dies disappears
/// within it. One that is cut off keeps what it knows, and its containers
/// their connections; it takes its part again when it is back. Thread safe.
class Cluster {
 public:
  struct Options {
    std::vector<std::string> endpoints;  ///< of etcd, ADDRESS:PORT
    std::string advertise;               ///< this host's IPv4 address
    StoreAccess access;
    std::function<void(const std::string&)> warn;
  };
  /// Called on the cluster's thread.
  struct Hooks {
    std::function<void(const std::string& record)> network_appeared;
    std::function<void(const std::string& id)> network_gone;
    std::function<void(const ClusterEndpoint&)> endpoint_appeared;
    std::function<void(const ClusterEndpoint&)> endpoint_gone;
    /// How traffic to and from another host is encrypted, from now on.
    std::function<void(const network::SecureFlow& to,
                       const network::SecureFlow& from)>
        host_met;
  };

  static constexpr std::chrono::seconds lease_time{10};

  explicit Cluster(Options options);
  Cluster(const Cluster&) = delete;
  Cluster& operator=(const Cluster&) = delete;
  ~Cluster();  ///< leaves what it has to its lease

  /// Begins to follow the store. It need not be there yet.
  void follow(Hooks hooks);

  [[nodiscard]] const std::string& advertise() const noexcept {
    return options_.advertise;
  }

  /// \throws ApiError conflict when another host has one of that name or VXLAN
  /// id, unavailable when the store cannot be reached
  void add_network(const std::string& id, const std::string& name,
                   std::uint32_t vni, const std::string& record);
  /// \throws ApiError forbidden while a container of any host is on it
  void remove_network(const std::string& id, const std::string& name,
                      std::uint32_t vni);
  /// A VXLAN id that no network has.
  [[nodiscard]] std::uint32_t free_vni();

  /// An address that from now on is ours: the one wanted, or the first free
  /// one. \throws ApiError
  [[nodiscard]] std::string claim(
      const std::string& network,
      const network::NetworkAddresses::Options& addresses,
      const std::string& wanted);
  /// Tells the others who has the address. Quietly: what cannot be told now is
  /// told when the store is back.
  void publish(const ClusterEndpoint& endpoint);
  /// One that was published by an earlier daemon: told with the rest.
  void remember(const ClusterEndpoint& endpoint);
  void release(const std::string& network, const std::string& address);

  /// Whether this host has encrypted networks: then it tells the others what
  /// they need for it, as soon as the store is there.
  void secure(bool wanted);

 private:
  void run();
  void take_part();
  void synchronize();
  void attend();
  void learn(const StoredValue& value);
  void forget_missing(const std::set<std::string>& present);
  [[nodiscard]] std::string lease();

  // cluster_keys.cpp
  [[nodiscard]] std::string secret();
  void tell_who_we_are();
  void check_secret();
  [[nodiscard]] bool learn_host(const StoredValue& value);
  void meet(const std::string& address, const std::string& nonce);

  Options options_;
  Hooks hooks_;

  std::mutex asking_;  ///< before mutex_
  EtcdClient client_;  ///< under asking_

  std::mutex mutex_;
  std::condition_variable wake_;
  bool stop_ = false;
  std::string lease_;                        ///< empty: none
  std::map<std::string, std::string> ours_;  ///< key to value
  int lives_ = 0;                            ///< how often secure() began
  int wanted_life_ = 0;                      ///< 0: nothing to encrypt

  // Of the thread alone.
  EtcdClient watcher_;
  std::map<std::string, ClusterEndpoint> known_;
  std::set<std::string> networks_;
  int told_life_ = 0;
  std::string secret_;
  std::string nonce_;
  std::map<std::string, std::string> nonces_;  ///< of other hosts
  bool reachable_ = true;
  std::thread thread_;
};

}  // namespace docker_cpp::daemon
