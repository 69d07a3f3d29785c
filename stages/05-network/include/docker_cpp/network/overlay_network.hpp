// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "docker_cpp/network/bridge_network.hpp"
#include "docker_cpp/network/links.hpp"

namespace docker_cpp::network {

/// A container on another host, and how to reach it.
struct OverlayPeer {
  std::string ip;
  std::string ip6;
  std::string mac;
  std::string host;  ///< IPv4 address of its host

  bool operator==(const OverlayPeer&) const = default;
};

/// One subnet on several hosts: on each a bridge, with the same gateway, and a
/// VXLAN link (RFC 7348) as one of its ports.
///
/// Nothing is learnt and nothing is flooded. Who is where is told by
/// add_peer(); the VXLAN link answers ARP and neighbour solicitations for those
/// itself, and lets no other broadcast out. So each host's gateway is the
/// host's own, though they all have one address. Thread safe.
/// \stage{05}
class OverlayNetwork final : public NetworkDriver {
 public:
  static constexpr std::uint16_t usual_port = 4789;  ///< RFC 7348

  struct Options {
    BridgeNetwork::Options bridge;
    std::string vxlan;      ///< name of the link
    std::uint32_t vni = 0;  ///< 24 bits
    std::string local;      ///< this host's address, as the others know it
    std::uint16_t port = usual_port;
  };

  /// \throws std::invalid_argument, Error
  explicit OverlayNetwork(Options options);

  EndpointInfo connect(int netns_fd, const EndpointRequest& request) override;
  std::vector<PublishedPort> publish(
      std::string_view container_id,
      const std::vector<PublishedPort>& ports) override;
  void disconnect(std::string_view container_id) override;
  void settle() override { bridge_.settle(); }
  void adopt(std::string_view container_id, const EndpointInfo& info) override;
  void reconcile() override { bridge_.reconcile(); }
  void remove() override;
  [[nodiscard]] int change_fd() const noexcept override {
    return bridge_.change_fd();
  }
  void on_change() override { bridge_.on_change(); }
  [[nodiscard]] const std::string& subnet() const noexcept override {
    return bridge_.subnet();
  }
  [[nodiscard]] const std::string& gateway() const noexcept override {
    return bridge_.gateway();
  }

  /// A container somewhere else; told again, it has moved. \throws Error
  void add_peer(const OverlayPeer& peer);
  /// No error if there is none.
  void remove_peer(const OverlayPeer& peer);

 private:
  Options options_;
  BridgeNetwork bridge_;
  std::mutex mutex_;
  Links links_;
  int vxlan_ = 0;
};

}  // namespace docker_cpp::network
