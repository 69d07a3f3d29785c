// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "docker_cpp/sys/error.hpp"

namespace docker_cpp::network {

/// A port of a container that the host offers to others.
struct PublishedPort {
  std::string protocol = "tcp";  ///< tcp, udp or sctp
  std::uint16_t container_port = 0;
  std::string host_ip;          ///< empty and "0.0.0.0": all of the host's
  std::uint16_t host_port = 0;  ///< 0: any free one

  bool operator==(const PublishedPort&) const = default;
};

struct EndpointRequest {
  std::string container_id;
  std::vector<PublishedPort> ports;
  std::string mac;  ///< empty: made from the address
  std::string ip;   ///< empty: the first free one
};

/// What a container got.
struct EndpointInfo {
  std::string ip;
  std::string gateway;
  std::string mac;
  int prefix_len = 0;
  std::vector<PublishedPort> ports;  ///< with host_ip and host_port filled in
};

/// Somebody has the port already. Worded as Docker words it:
/// `Bind for 0.0.0.0:8080 failed: port is already allocated`.
class PortAllocated final : public Error {
 public:
  PortAllocated(const std::string& host_ip, std::uint16_t host_port);

  [[nodiscard]] const char* what() const noexcept override {
    return message_.c_str();
  }

 private:
  std::string message_;
};

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
class BridgeNetwork {
 public:
  struct Options {
    std::string bridge = "dcpp0";
    /// Gateway and prefix, "172.19.0.1/16", as dockerd's --bip. Empty: what
    /// the bridge already has, or the first of the pools that no route of the
    /// host overlaps.
    std::string subnet;
    /// "base=172.17.0.0/12,size=16" each, as dockerd's
    /// --default-address-pool. Empty: Docker's own.
    std::vector<std::string> pools;
    int mtu = 1500;
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
  ~BridgeNetwork();

  /// A link into that network namespace, with address, default route and
  /// loopback up, and the ports published. All or nothing. A container that is
  /// connected already is disconnected first.
  /// \throws PortAllocated, Error
  EndpointInfo connect(int netns_fd, const EndpointRequest& request);

  /// Takes back all that connect() gave; no error if there is nothing. The
  /// link itself follows within a moment, in the background: it goes by itself
  /// when the container is dead. With one that lives, call settle() next.
  void disconnect(std::string_view container_id);

  /// Returns when no disconnected container has its link any more.
  void settle();

  /// Counts an endpoint that an earlier object connected as our own.
  void adopt(std::string_view container_id, const EndpointInfo& info);

  /// Removes links and rules of containers that were not adopted.
  void reconcile();

  /// Removes the bridge, its links and its rules for good.
  void remove();

  /// Readable when somebody changed the firewall; then call on_change(), which
  /// brings back what is missing of ours ("nft flush ruleset" must not leave
  /// container addresses open to the neighbours).
  [[nodiscard]] int change_fd() const noexcept;
  void on_change();

  /// "172.19.0.0/16"
  [[nodiscard]] const std::string& subnet() const noexcept;
  /// "172.19.0.1"
  [[nodiscard]] const std::string& gateway() const noexcept;
  [[nodiscard]] const std::string& bridge() const noexcept;

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace docker_cpp::network
