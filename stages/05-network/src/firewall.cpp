// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/network/firewall.hpp"

#include <libmnl/libmnl.h>
#include <libnftnl/table.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter_ipv4.h>
#include <sys/socket.h>

#include <type_traits>
#include <utility>

#include "conntrack.hpp"

#include "docker_cpp/sys/error.hpp"

namespace docker_cpp::network {
namespace {

constexpr Subnet loopback_v4{.address = {.value = 127U << 24U},
                             .prefix_len = 8};
constexpr Subnet6 loopback_v6{
    .address = {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}},
    .prefix_len = 128};

template <typename Network>
constexpr Family family_of =
    std::is_same_v<Network, Subnet6> ? Family::ipv6 : Family::ipv4;

NetlinkSocket open_socket() {
  return must(NetlinkSocket::open(NETLINK_NETFILTER),
              "open a socket to the kernel's firewall");
}

}  // namespace

Firewall::Firewall(Options options)
    : options_(std::move(options)),
      table_("docker-cpp-" + options_.bridge),
      socket_(open_socket()),
      changes_(open_socket()) {
  const int group = NFNLGRP_NFTABLES;
  must(sys::check_void(
           ::setsockopt(changes_.fd(), SOL_NETLINK, NETLINK_ADD_MEMBERSHIP,
                        &group, sizeof group),
           "setsockopt NETLINK_ADD_MEMBERSHIP"),
       "listen for changes of the firewall");
}

std::vector<PortMapping> Firewall::mappings() {
  return list_mappings(socket_, table_).value_or(std::vector<PortMapping>{});
}

std::vector<PortMapping6> Firewall::mappings6() {
  return list_mappings6(socket_, table_).value_or(std::vector<PortMapping6>{});
}

// [firewall-rules]
template <typename Network>
void Firewall::add_rules(NftBatch& batch, const Network& subnet,
                         const Network& loopback) const {
  constexpr Family family = family_of<Network>;
  const std::string& bridge = options_.bridge;
  const auto rule = [&](const char* chain) {
    return NftRule(table_, chain, family);
  };
  batch.set_family(family);
  batch.add_port_maps(table_);

  // route_localnet lets answers for 127.0.0.1 come in over the bridge; a
  // container must not use that to speak to, or as, the host's loopback.
  batch.add_chain(table_, {.name = "from_container",
                           .type = "filter",
                           .hook = NF_INET_PRE_ROUTING,
                           .priority = NF_IP_PRI_RAW});
  batch.add_rule(rule("from_container").from_link(bridge).to(loopback).drop());
  batch.add_rule(
      rule("from_container").from_link(bridge).from(loopback).drop());

  // Published ports, for packets that arrive. What claims to be for 127.0.0.1
  // and comes from outside is nobody's.
  batch.add_chain(table_, {.name = "prerouting",
                           .type = "nat",
                           .hook = NF_INET_PRE_ROUTING,
                           .priority = NF_IP_PRI_NAT_DST});
  batch.add_rule(rule("prerouting").to(loopback).leave());
  // Published ports, for the host's own programs.
  batch.add_chain(table_, {.name = "output",
                           .type = "nat",
                           .hook = NF_INET_LOCAL_OUT,
                           .priority = NF_IP_PRI_NAT_DST});
  for (const char* chain : {"prerouting", "output"}) {
    batch.add_rule(rule(chain).redirect_by_address(NftBatch::map_by_address));
    batch.add_rule(
        rule(chain).to_this_host().redirect_by_port(NftBatch::map_by_port));
  }

  // The way out is under the host's address. So is the way back to a member
  // that called a published port (its answer would take the short way, past
  // the host, and be a stranger's), and to the host's own 127.0.0.1.
  batch.add_chain(table_, {.name = "postrouting",
                           .type = "nat",
                           .hook = NF_INET_POST_ROUTING,
                           .priority = NF_IP_PRI_NAT_SRC});
  if (!options_.internal && options_.masquerade) {
    batch.add_rule(
        rule("postrouting").from(subnet).to_other_link(bridge).masquerade());
  }
  batch.add_rule(rule("postrouting")
                     .from(subnet)
                     .to_link(bridge)
                     .of_published_port()
                     .masquerade());
  batch.add_rule(
      rule("postrouting").from(loopback).to_link(bridge).masquerade());
  add_forward_rules(batch, family);
}

void Firewall::add_forward_rules(NftBatch& batch, Family family) const {
  const std::string& bridge = options_.bridge;
  const auto rule = [&](const char* chain) {
    return NftRule(table_, chain, family);
  };
  batch.add_chain(table_, {.name = "to_container"});
  batch.add_chain(table_, {.name = "forward",
                           .type = "filter",
                           .hook = NF_INET_FORWARD,
                           .priority = NF_IP_PRI_FILTER});
  batch.add_rule(rule("forward").to_link(bridge).jump("to_container"));
  if (options_.internal) {
    batch.add_rule(
        rule("forward").from_link(bridge).to_other_link(bridge).drop());
  }
  batch.add_rule(rule("to_container").of_known_connection().accept());
  if (!options_.isolate_members) {
    batch.add_rule(rule("to_container").from_link(bridge).accept());
  }
  if (!options_.internal) {
    batch.add_rule(rule("to_container").of_published_port().accept());
  }
  batch.add_rule(rule("to_container").drop());
}
// [firewall-rules]

void Firewall::rebuild(std::span<const PortMapping> mappings,
                       std::span<const PortMapping6> mappings6) {
  NftBatch batch;
  add_operators_chain(batch);
  const auto begin_anew = [&](Family family) {
    batch.set_family(family);
    batch.add_table(table_);  // so that there is one to delete
    batch.delete_table(table_);
    batch.add_table(table_);
  };
  if (options_.subnet) {
    begin_anew(Family::ipv4);
    add_rules(batch, *options_.subnet, loopback_v4);
    batch.add_mappings(table_, mappings);
  }
  if (options_.subnet6) {
    begin_anew(Family::ipv6);
    add_rules(batch, *options_.subnet6, loopback_v6);
    batch.add_mappings(table_, mappings6);
  }
  let_through(batch);
  must(batch.commit(socket_), "make the firewall table " + table_);
}

void Firewall::add(std::span<const PortMapping> mappings,
                   std::span<const PortMapping6> mappings6) {
  if (mappings.empty() && mappings6.empty()) {
    return;
  }
  NftBatch batch;
  batch.add_mappings(table_, mappings);
  batch.add_mappings(table_, mappings6);
  must(batch.commit(socket_), "publish ports in the table " + table_);
  forget_udp(socket_, mappings);
  forget_udp(socket_, mappings6);
}

template <typename Mapping>
void Firewall::remove_one_by_one(std::span<const Mapping> mappings) {
  for (const Mapping& one : mappings) {
    NftBatch single;
    single.delete_mappings(table_, std::span<const Mapping>(&one, 1));
    const auto removed = single.commit(socket_);
    if (!removed && removed.error().code != ENOENT) {
      must(removed, "unpublish a port in the table " + table_);
    }
  }
}

void Firewall::remove(std::span<const PortMapping> mappings,
                      std::span<const PortMapping6> mappings6) {
  if (mappings.empty() && mappings6.empty()) {
    return;
  }
  NftBatch batch;
  batch.delete_mappings(table_, mappings);
  batch.delete_mappings(table_, mappings6);
  const auto done = batch.commit(socket_);
  if (!done && done.error().code == ENOENT) {  // some are gone: which?
    remove_one_by_one(mappings);
    remove_one_by_one(mappings6);
  } else {
    must(done, "unpublish ports in the table " + table_);
  }
  forget_udp(socket_, mappings);
  forget_udp(socket_, mappings6);
}

void Firewall::destroy() {
  NftBatch batch;
  const auto remove = [&](Family family) {
    batch.set_family(family);
    batch.add_table(table_);  // so that there is one to delete
    batch.delete_table(table_);
  };
  if (options_.subnet) {
    remove(Family::ipv4);
  }
  if (options_.subnet6) {
    remove(Family::ipv6);
  }
  remove_guests(batch);
  must(batch.commit(socket_), "remove the firewall table " + table_);
}

}  // namespace docker_cpp::network
