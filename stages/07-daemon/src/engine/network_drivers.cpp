// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <chrono>

#include "../networks/cni_network.hpp"
#include "../networks/remote_network.hpp"
#include "network_kinds.hpp"
#include "network_manager_impl.hpp"

#include "docker_cpp/daemon/api_error.hpp"

/// Which driver a network has.
namespace docker_cpp::daemon {
namespace {

constexpr std::chrono::seconds plugin_patience{30};

[[noreturn]] void forbid(const std::string& why) {
  throw ApiError(ErrorCode::forbidden, why);
}

/// \throws ApiError not_found in Docker's words
SocketPlugin find_plugin(const std::vector<std::string>& folders,
                         const std::string& name, const std::string& kind) {
  // It becomes part of a path.
  const bool is_name = !name.empty() && name.front() != '.' &&
                       name.find('/') == std::string::npos;
  try {
    if (is_name) {
      SocketPlugin plugin(folders, name, plugin_patience);
      if (std::ranges::count(plugin.activate(), kind) > 0) {
        return plugin;
      }
    }
  } catch (const ApiError& error) {
    if (error.code() != ErrorCode::not_found) {
      throw;
    }
  }
  throw ApiError(ErrorCode::not_found,
                 kind == "IpamDriver"
                     ? "plugin \"" + name + "\" not found"
                     : "could not find plugin " + name +
                           " in v1 plugin registry: plugin not found");
}

}  // namespace

void check_kind(const Network& network) {
  const bool local = network.scope.empty() || network.scope == "local";
  if (network.config_only && (network.ingress || network.internal ||
                              network.attachable || !network.scope.empty())) {
    forbid(
        "configuration network can only contain network specific fields. "
        "Network operator fields like [ ingress | internal | attachable | "
        "scope ] are not supported.");
  }
  if (network.ingress) {
    forbid("Ingress network can only be global scope network");
  }
  if (network.scope == "swarm") {
    throw ApiError(ErrorCode::unavailable,
                   "This node is not a swarm manager. Use \"docker swarm "
                   "init\" or \"docker swarm join\" to connect this node to "
                   "swarm and try again.");
  }
  if (!local && network.scope != "global") {
    throw ApiError(ErrorCode::invalid_argument,
                   "invalid scope: \"" + network.scope + "\"");
  }
  if (!network.ipv4 && !network.ipv6) {
    throw ApiError(ErrorCode::invalid_argument, "IPv4 or IPv6 must be enabled");
  }
}

void check_borrower(const Network& network) {
  if (network.config_only) {
    forbid(
        "a configuration network cannot depend on another configuration "
        "network");
  }
  if (network.ipam_driver != "default" || network.ipv6 ||
      !network.labels.empty() || !network.ipam_options.empty() ||
      !network.ranges.empty() || !network.options.empty()) {
    forbid(
        "user specified configurations are not supported if the network "
        "depends on a configuration network");
  }
}

void NetworkManager::Impl::check_driver(const Network& wanted) const {
  if (wanted.driver == "overlay") {
    check_overlay(wanted);
    return;
  }
  for (const char* known : {"bridge", "macvlan", "ipvlan", "cni"}) {
    if (wanted.driver == known) {
      return;
    }
  }
  static_cast<void>(
      find_plugin(options.plugin_folders, wanted.driver, "NetworkDriver"));
}

NetworkManager::Impl::DriverPtr NetworkManager::Impl::make_driver(
    const Network& network, Beginning beginning) const {
  if (network.driver == "bridge") {
    return std::make_shared<network::BridgeNetwork>(bridge_options(network));
  }
  if (network.driver == "macvlan" || network.driver == "ipvlan") {
    return std::make_shared<network::SublinkNetwork>(sublink_options(network));
  }
  if (network.driver == "overlay") {
    return make_overlay(network);
  }
  if (network.driver == "cni") {
    return std::make_shared<CniNetwork>(
        CniNetwork::Options{.id = network.id,
                            .options = network.options,
                            .folder = options.folder + "/cni-" + network.id,
                            .warn = options.warn});
  }
  return std::make_shared<RemoteNetwork>(
      find_plugin(options.plugin_folders, network.driver, "NetworkDriver"),
      network,
      beginning == Beginning::made ? RemoteNetwork::Beginning::made
                                   : RemoteNetwork::Beginning::found);
}

std::shared_ptr<IpamPlugin> NetworkManager::Impl::make_ipam(
    const Network& network) const {
  if (network.ipam_driver == "default") {
    return nullptr;
  }
  return std::make_shared<IpamPlugin>(
      find_plugin(options.plugin_folders, network.ipam_driver, "IpamDriver"));
}

void NetworkManager::Impl::take_addresses(
    const Entry& entry, Endpoint& endpoint,
    network::EndpointRequest& request) const {
  claim_addresses(entry, endpoint, request);
  if (!entry.ipam) {
    return;
  }
  for (const AddressRange& range : entry.model->ranges) {
    std::string& wanted = is_v6(range) ? request.ip6 : request.ip;
    wanted = entry.ipam->take(range, wanted, request.mac);
    // Known from here on, so that a failure gives it back.
    (is_v6(range) ? endpoint.ipv6_address : endpoint.ip_address) = wanted;
  }
}

void NetworkManager::Impl::give_back_addresses(const Entry& entry,
                                               const Endpoint& endpoint) const {
  if (cluster && entry.model->driver == "overlay" &&
      !endpoint.ip_address.empty()) {
    cluster->release(entry.model->id, endpoint.ip_address);
  }
  if (!entry.ipam) {
    return;
  }
  for (const AddressRange& range : entry.model->ranges) {
    const std::string& address =
        is_v6(range) ? endpoint.ipv6_address : endpoint.ip_address;
    if (!address.empty()) {
      entry.ipam->give_back(range, address);
    }
  }
}

}  // namespace docker_cpp::daemon
