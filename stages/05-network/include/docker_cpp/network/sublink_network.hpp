// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "docker_cpp/network/network_driver.hpp"

namespace docker_cpp::network {

/// Containers that are machines of their own on one of the host's cables:
/// macvlan (each with a MAC of its own) and ipvlan (all with the parent's).
///
/// No bridge, no NAT, no published ports; the host itself cannot talk to them
/// (the kernel hands what comes from a child to the cable, not to the parent).
/// A parent "eth0.10" that is not there is made, and one is made for who names
/// none; those carry our mark and are removed with the network. Thread safe.
/// \stage{05}
class SublinkNetwork final : public NetworkDriver {
 public:
  struct Options {
    std::string id;  ///< of the network: what is made for it is marked so
    std::string kind = "macvlan";
    std::string parent;  ///< empty: a cable of its own, "dm-ID"
    /// macvlan: bridge, private, vepa, passthru; ipvlan: l2, l3, l3s.
    std::string mode;
    std::string flag;  ///< of ipvlan: bridge, private, vepa
    std::string subnet;
    std::string gateway;
    std::string ip_range;
    std::string ip_range6;
    std::vector<std::string> reserved;
    std::string subnet6;
    std::string gateway6;
    int mtu = 0;  ///< 0: the parent's
    bool internal = false;
  };

  /// \throws std::invalid_argument, Error
  explicit SublinkNetwork(Options options);
  SublinkNetwork(const SublinkNetwork&) = delete;
  SublinkNetwork& operator=(const SublinkNetwork&) = delete;
  ~SublinkNetwork() override;

  EndpointInfo connect(int netns_fd, const EndpointRequest& request) override;
  std::vector<PublishedPort> publish(
      std::string_view container_id,
      const std::vector<PublishedPort>& ports) override;
  void disconnect(std::string_view container_id) override;
  void adopt(std::string_view container_id, const EndpointInfo& info) override;
  void hold(std::string_view container_id, int netns_fd) override;
  void remove() override;
  [[nodiscard]] const std::string& subnet() const noexcept override;
  [[nodiscard]] const std::string& gateway() const noexcept override;
  /// The link that the containers' share.
  [[nodiscard]] const std::string& parent() const noexcept;

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace docker_cpp::network
