// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "docker_cpp/daemon/cluster_place.hpp"
#include "docker_cpp/daemon/events.hpp"
#include "docker_cpp/daemon/model.hpp"
#include "docker_cpp/network/bridge_network.hpp"

namespace docker_cpp::daemon {

/// One range of a network's addresses, as people write it.
struct AddressRange {
  std::string subnet;    ///< "10.77.0.0/24"
  std::string ip_range;  ///< a part of it
  std::string gateway;
  Labels reserved;   ///< "AuxiliaryAddresses": name to address
  std::string pool;  ///< as an IPAM plugin calls it
};

/// A network, as its owner described it. Immutable once published.
struct Network {
  std::string id;  ///< 64 hex digits
  std::string name;
  Time created;
  std::string driver = "bridge";
  bool ipv4 = true;
  bool ipv6 = false;
  bool internal = false;
  bool attachable = false;
  bool ingress = false;
  std::string scope;         ///< as asked for; empty: the driver's own
  bool config_only = false;  ///< only described, for others to be made from
  std::string config_from;   ///< name of the one it was made from
  std::string ipam_driver = "default";
  Labels ipam_options;
  std::vector<AddressRange> ranges;
  Labels options;
  Labels labels;
  bool predefined = false;     ///< bridge, host, none
  bool chosen_subnet = false;  ///< nobody asked for it: no --ip on this one
};

using NetworkPtr = std::shared_ptr<const Network>;

/// The networks of this engine: what they are (durable), the driver's object
/// of each, and who is connected. Thread safe.
class NetworkManager {
 public:
  struct Options {
    std::string folder;  ///< of the records; empty: nothing is kept
    /// The default network; none: --network bridge goes nowhere.
    std::optional<network::BridgeNetwork::Options> bridge;
    std::string bridge_id;
    std::string engine_id;  ///< host and none have ids made of it
    std::vector<std::string> plugin_folders;  ///< where sockets of drivers are
    std::optional<ClusterPlace> cluster;      ///< none: no overlay networks
    EventSystem* events = nullptr;
    std::function<void(const std::string&)> warn;
  };

  /// Reads the records and makes or adopts what they describe. A network that
  /// cannot be made is told to `warn` and stays, unusable, for its owner.
  /// \throws Error when the default bridge cannot be made
  explicit NetworkManager(Options options);
  ~NetworkManager();
  NetworkManager(const NetworkManager&) = delete;
  NetworkManager& operator=(const NetworkManager&) = delete;

  /// Durable when it returns. \throws ApiError in Docker's words
  NetworkPtr create(Network wanted);

  /// By name, id, or unique prefix of an id. \throws ApiError not_found
  [[nodiscard]] NetworkPtr find(std::string_view ref) const;
  [[nodiscard]] std::vector<NetworkPtr> list() const;

  /// \throws ApiError forbidden while a container is connected
  void remove(std::string_view ref);
  /// Has it no container? Then it can be removed.
  [[nodiscard]] bool unused(std::string_view id) const;

  /// The default bridge; null where there is none.
  [[nodiscard]] network::NetworkDriver* default_bridge() const;

  struct Member {
    const Container& container;
    std::vector<network::PublishedPort> ports;
    bool default_route = true;
    /// Asked about names that are nobody's here.
    std::vector<std::string> name_servers;
  };
  /// Connects a running container's network namespace, and fills in what the
  /// endpoint got. Returns the published ports.
  /// \throws ApiError
  std::vector<network::PublishedPort> connect(int netns, const Member& member,
                                              Endpoint& endpoint);
  /// No error if it is not connected.
  void disconnect(const Container& container, const Endpoint& endpoint);
  /// Whoever is on the network under this name or id, known to anybody or
  /// not, is so no more: --force. False when nobody is.
  bool force_out(std::string_view network, std::string_view container);
  /// The container's link is gone when this returns.
  void settle(const Endpoint& endpoint);
  /// Publishes ports of a connected container by another of its networks.
  std::vector<network::PublishedPort> publish(
      const Container& container, const Endpoint& endpoint,
      const std::vector<network::PublishedPort>& ports);
  /// After a restart of the daemon.
  void adopt(int netns, const Member& member, const Endpoint& endpoint);
  /// The container has ended: nothing here keeps its network namespace.
  void silence(const Container& container);
  void renamed(const Container& container);
  /// Everything was adopted: removes what nobody owns.
  void reconcile();

  /// Descriptors to watch, and what to call when one is readable.
  struct Watch {
    int fd;
    std::function<void()> ready;
  };
  /// Told of each network that wants one, now and later.
  void on_new_watch(std::function<void(const std::string& id, Watch)> tell,
                    std::function<void(const std::string& id)> forget);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

[[nodiscard]] bool is_v6(const AddressRange& range);

/// Errors in the description of a network, in Docker's words.
/// \throws ApiError invalid_argument
void check_ranges(const Network& network);

}  // namespace docker_cpp::daemon
