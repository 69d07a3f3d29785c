// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <libmnl/libmnl.h>
#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>

#include <cstdint>

#include "docker_cpp/network/netlink.hpp"

/// Beginnings of rtnetlink's messages.
namespace docker_cpp::network {

inline constexpr std::uint16_t change = NLM_F_REQUEST | NLM_F_ACK;
inline constexpr std::uint16_t create = change | NLM_F_CREATE | NLM_F_EXCL;
inline constexpr std::uint16_t question = NLM_F_REQUEST;
inline constexpr std::uint16_t listing = NLM_F_REQUEST | NLM_F_DUMP;

template <typename Header>
Header* put_header(nlmsghdr* message) {
  return static_cast<Header*>(
      mnl_nlmsg_put_extra_header(message, sizeof(Header)));
}

inline ifinfomsg* put_link(nlmsghdr* message, int index,
                           int family = AF_UNSPEC) {
  auto* header = put_header<ifinfomsg>(message);
  header->ifi_family = static_cast<unsigned char>(family);
  header->ifi_index = index;
  return header;
}

inline void put_up(ifinfomsg* header) {
  header->ifi_flags |= IFF_UP;
  header->ifi_change |= IFF_UP;
}

/// No link-local address: the bridge carries IPv4 only, so far, and an address
/// that no rule of ours knows about would be a way around them.
inline void put_no_ipv6_address(nlmsghdr* message) {
  nlattr* families = mnl_attr_nest_start(message, IFLA_AF_SPEC);
  nlattr* ipv6 = mnl_attr_nest_start(message, AF_INET6);
  mnl_attr_put_u8(message, IFLA_INET6_ADDR_GEN_MODE, IN6_ADDR_GEN_MODE_NONE);
  mnl_attr_nest_end(message, ipv6);
  mnl_attr_nest_end(message, families);
}

}  // namespace docker_cpp::network
