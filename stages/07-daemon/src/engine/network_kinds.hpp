// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "docker_cpp/daemon/networks.hpp"
#include "docker_cpp/network/network_addresses.hpp"
#include "docker_cpp/network/sublink_network.hpp"

/// From a network's description to what its driver is told.
namespace docker_cpp::daemon {

/// Words of its owner that contradict each other. \throws ApiError
void check_kind(const Network& network);
/// Of one that takes its configuration from another. \throws ApiError
void check_borrower(const Network& network);

/// The name of the bridge, and the rest, that a network's options ask for.
/// \throws ApiError invalid_argument for an option that makes no sense
[[nodiscard]] network::BridgeNetwork::Options bridge_options(
    const Network& network);
/// The option that says an overlay network's VXLAN id, as Docker calls it.
inline constexpr const char* vni_option =
    "com.docker.network.driver.overlay.vxlanid_list";
[[nodiscard]] std::uint32_t vni_of(const Network& network);

/// The same for macvlan and ipvlan.
[[nodiscard]] network::SublinkNetwork::Options sublink_options(
    const Network& network);

/// The subnets of a network as stage 05 keeps them. \throws
/// std::invalid_argument
[[nodiscard]] network::NetworkAddresses::Options addresses_of(
    const Network& network);

}  // namespace docker_cpp::daemon
