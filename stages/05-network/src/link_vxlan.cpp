// SPDX-License-Identifier: Apache-2.0
#include <arpa/inet.h>
#include <linux/neighbour.h>

#include "link_messages.hpp"

#include "docker_cpp/network/links.hpp"
#include "docker_cpp/sys/error.hpp"

/// A link to the same network on other hosts, and who is behind it.
namespace docker_cpp::network {
namespace {

constexpr std::uint16_t put_there = change | NLM_F_CREATE | NLM_F_REPLACE;

ndmsg* begin_neighbour(NetlinkBatch& batch, std::uint16_t type, int family,
                       int index, nlmsghdr** message) {
  const bool add = type == RTM_NEWNEIGH;
  *message = batch.begin(type, add ? put_there : change,
                         add ? "add a neighbour" : "remove a neighbour",
                         add ? 0 : ENOENT);
  auto* header = put_header<ndmsg>(*message);
  header->ndm_family = static_cast<unsigned char>(family);
  header->ndm_ifindex = index;
  header->ndm_state = add ? NUD_PERMANENT : 0;
  return header;
}

template <typename Address>
constexpr int family_of = sizeof(Address) == 4 ? AF_INET : AF_INET6;

}  // namespace

void Links::create_vxlan(const VxlanLink& wanted) {
  NetlinkBatch batch;
  nlmsghdr* message = batch.begin(RTM_NEWLINK, create, "create the link");
  put_link(message, 0);
  mnl_attr_put_strz(message, IFLA_IFNAME, wanted.name.c_str());
  mnl_attr_put_u32(message, IFLA_MASTER,
                   static_cast<std::uint32_t>(wanted.bridge));
  mnl_attr_put_u32(message, IFLA_MTU, static_cast<std::uint32_t>(wanted.mtu));
  nlattr* info = mnl_attr_nest_start(message, IFLA_LINKINFO);
  mnl_attr_put_strz(message, IFLA_INFO_KIND, "vxlan");
  nlattr* data = mnl_attr_nest_start(message, IFLA_INFO_DATA);
  mnl_attr_put_u32(message, IFLA_VXLAN_ID, wanted.vni);
  const auto local = wanted.local.bytes();
  mnl_attr_put(message, IFLA_VXLAN_LOCAL, local.size(), local.data());
  mnl_attr_put_u16(message, IFLA_VXLAN_PORT, htons(wanted.port));
  mnl_attr_put_u8(message, IFLA_VXLAN_LEARNING, 0);
  mnl_attr_put_u8(message, IFLA_VXLAN_PROXY, 1);
  mnl_attr_nest_end(message, data);
  mnl_attr_nest_end(message, info);
  message = batch.begin(RTM_SETLINK, change, "leave out IPv6",
                        NetlinkBatch::any_error);
  put_link(message, 0);
  mnl_attr_put_strz(message, IFLA_IFNAME, wanted.name.c_str());
  put_no_ipv6_address(message);
  const auto done = socket_.transact(batch);
  if (!done && done.error().code == EOPNOTSUPP) {
    throw Error(done.error(), "make the link " + wanted.name +
                                  ": this kernel has no vxlan links");
  }
  must(done, "make the link " + wanted.name);
}

void Links::add_remote_mac(int index, const MacAddress& mac, Ipv4 host) {
  NetlinkBatch batch;
  nlmsghdr* message = nullptr;
  ndmsg* header =
      begin_neighbour(batch, RTM_NEWNEIGH, AF_BRIDGE, index, &message);
  header->ndm_flags = NTF_SELF;
  const auto bytes = host.bytes();
  mnl_attr_put(message, NDA_LLADDR, mac.size(), mac.data());
  mnl_attr_put(message, NDA_DST, bytes.size(), bytes.data());
  must(socket_.transact(batch),
       "tell where " + to_string(mac) + " is: " + to_string(host));
}

void Links::remove_remote_mac(int index, const MacAddress& mac) {
  NetlinkBatch batch;
  nlmsghdr* message = nullptr;
  ndmsg* header =
      begin_neighbour(batch, RTM_DELNEIGH, AF_BRIDGE, index, &message);
  header->ndm_flags = NTF_SELF;
  mnl_attr_put(message, NDA_LLADDR, mac.size(), mac.data());
  must(socket_.transact(batch), "forget where " + to_string(mac) + " is");
}

template <typename Address>
void Links::neighbour(int index, const Address& address,
                      const MacAddress* mac) {
  NetlinkBatch batch;
  nlmsghdr* message = nullptr;
  begin_neighbour(batch, mac != nullptr ? RTM_NEWNEIGH : RTM_DELNEIGH,
                  family_of<Address>, index, &message);
  const auto& bytes = address.bytes();
  mnl_attr_put(message, NDA_DST, bytes.size(), bytes.data());
  if (mac != nullptr) {
    mnl_attr_put(message, NDA_LLADDR, mac->size(), mac->data());
  }
  must(socket_.transact(batch), "tell who " + to_string(address) + " is");
}

void Links::add_neighbour(int index, Ipv4 address, const MacAddress& mac) {
  neighbour(index, address, &mac);
}

void Links::add_neighbour(int index, const Ipv6& address,
                          const MacAddress& mac) {
  neighbour(index, address, &mac);
}

void Links::remove_neighbour(int index, Ipv4 address) {
  neighbour(index, address, nullptr);
}

void Links::remove_neighbour(int index, const Ipv6& address) {
  neighbour(index, address, nullptr);
}

}  // namespace docker_cpp::network
