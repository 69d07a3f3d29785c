// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "../plugins/socket_plugin.hpp"

#include "docker_cpp/daemon/networks.hpp"

namespace docker_cpp::daemon {

/// Somebody else's program that gives out addresses: Docker's IPAM driver
/// protocol. Thread safe.
/// https://github.com/moby/moby/blob/master/daemon/libnetwork/docs/ipam.md
class IpamPlugin {
 public:
  explicit IpamPlugin(SocketPlugin plugin) : plugin_(std::move(plugin)) {}

  /// Has the plugin choose what the network's owner did not: subnets and
  /// gateways. The pools' names go into the ranges. All or nothing.
  /// \throws ApiError in the plugin's words
  void choose(Network& network) const;
  /// Gives back the pools. No error: a plugin that is gone has forgotten.
  void release(const Network& network) const;

  /// An address of the range's pool: the one asked for, or any.
  [[nodiscard]] std::string take(const AddressRange& range,
                                 const std::string& wanted,
                                 const std::string& mac) const;
  void give_back(const AddressRange& range, const std::string& address) const;

 private:
  void choose(Network& network, AddressRange& range, bool v6) const;
  [[nodiscard]] nlohmann::json call(const char* method,
                                    const nlohmann::json& body) const;

  SocketPlugin plugin_;
};

}  // namespace docker_cpp::daemon
