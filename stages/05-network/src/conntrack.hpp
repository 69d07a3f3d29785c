// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "docker_cpp/network/nft_batch.hpp"

namespace docker_cpp::network {

/// Makes the kernel forget the UDP "connections" that come in by these ports.
///
/// Whoever keeps sending keeps his entry, and with it the decision of the first
/// packet: to a container that is gone, or to nobody because the port was not
/// published yet. TCP needs none of this: its connections end. Does nothing
/// where the kernel cannot list connections. `socket` speaks
/// NETLINK_NETFILTER.
void forget_udp(NetlinkSocket& socket, std::span<const PortMapping> mappings);
void forget_udp(NetlinkSocket& socket, std::span<const PortMapping6> mappings);

}  // namespace docker_cpp::network
