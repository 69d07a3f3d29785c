// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "docker_cpp/daemon/networks.hpp"
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
/// The same for macvlan and ipvlan.
[[nodiscard]] network::SublinkNetwork::Options sublink_options(
    const Network& network);

}  // namespace docker_cpp::daemon
