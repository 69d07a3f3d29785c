// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <libnftnl/chain.h>
#include <libnftnl/set.h>
#include <libnftnl/table.h>
#include <linux/netfilter/nfnetlink.h>

#include <cstdint>
#include <memory>
#include <new>

#include "docker_cpp/network/nft_rule.hpp"

/// libnftnl's objects, owned, and the header of nftables' messages.
namespace docker_cpp::network {

template <typename T, void (*free_it)(const T*)>
struct Freed {
  void operator()(T* object) const noexcept { free_it(object); }
};

using Table =
    std::unique_ptr<nftnl_table, Freed<nftnl_table, nftnl_table_free>>;
using Chain =
    std::unique_ptr<nftnl_chain, Freed<nftnl_chain, nftnl_chain_free>>;
using Set = std::unique_ptr<nftnl_set, Freed<nftnl_set, nftnl_set_free>>;

template <typename Owner, typename T>
Owner owned(T* made) {
  if (made == nullptr) {
    throw std::bad_alloc();
  }
  return Owner(made);
}

inline nlmsghdr* nft_header(nlmsghdr* message, Family family,
                            std::uint16_t resource = 0) {
  auto* header = static_cast<nfgenmsg*>(
      mnl_nlmsg_put_extra_header(message, sizeof(nfgenmsg)));
  header->nfgen_family =
      resource == 0 ? static_cast<std::uint8_t>(family) : AF_UNSPEC;
  header->version = NFNETLINK_V0;
  header->res_id = htons(resource);
  return message;
}

inline std::uint16_t nft_type(int type) {
  return static_cast<std::uint16_t>(NFNL_SUBSYS_NFTABLES << 8 | type);
}

}  // namespace docker_cpp::network
