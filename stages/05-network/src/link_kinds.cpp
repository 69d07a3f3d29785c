// SPDX-License-Identifier: Apache-2.0
#include <linux/veth.h>

#include "link_messages.hpp"

#include "docker_cpp/network/links.hpp"
#include "docker_cpp/sys/error.hpp"

/// Links that are made of other links.
namespace docker_cpp::network {
namespace {

nlattr* begin_kind(nlmsghdr* message, const std::string& kind, nlattr** info) {
  *info = mnl_attr_nest_start(message, IFLA_LINKINFO);
  mnl_attr_put_strz(message, IFLA_INFO_KIND, kind.c_str());
  return mnl_attr_nest_start(message, IFLA_INFO_DATA);
}

void end_kind(nlmsghdr* message, nlattr* info, nlattr* data) {
  mnl_attr_nest_end(message, data);
  mnl_attr_nest_end(message, info);
}

/// What the kernel says when it does not know a kind, in words.
void must_know(const sys::Result<void>& done, const std::string& kind,
               const std::string& doing) {
  if (!done && done.error().code == EOPNOTSUPP) {
    throw Error(done.error(),
                doing + ": this kernel has no " + kind + " links");
  }
  must(done, doing);
}

}  // namespace

void Links::create_sublink(const Sublink& wanted) {
  NetlinkBatch batch;
  nlmsghdr* message = batch.begin(RTM_NEWLINK, create, "create the link");
  put_link(message, 0);
  mnl_attr_put_strz(message, IFLA_IFNAME, wanted.name.c_str());
  mnl_attr_put_u32(message, IFLA_LINK,
                   static_cast<std::uint32_t>(wanted.parent));
  mnl_attr_put_u32(message, IFLA_NET_NS_FD,
                   static_cast<std::uint32_t>(wanted.netns));
  if (wanted.mac) {
    mnl_attr_put(message, IFLA_ADDRESS, wanted.mac->size(), wanted.mac->data());
  }
  if (wanted.mtu != 0) {
    mnl_attr_put_u32(message, IFLA_MTU, static_cast<std::uint32_t>(wanted.mtu));
  }
  nlattr* info = nullptr;
  nlattr* data = begin_kind(message, wanted.kind, &info);
  if (wanted.kind == "macvlan") {
    mnl_attr_put_u32(message, IFLA_MACVLAN_MODE, wanted.mode);
  } else {
    mnl_attr_put_u16(message, IFLA_IPVLAN_MODE,
                     static_cast<std::uint16_t>(wanted.mode));
    mnl_attr_put_u16(message, IFLA_IPVLAN_FLAGS, wanted.flags);
  }
  end_kind(message, info, data);
  must_know(socket_.transact(batch), wanted.kind,
            "make the " + wanted.kind + " link " + wanted.name);
}

void Links::create_vlan(const std::string& name, int parent, std::uint16_t id) {
  NetlinkBatch batch;
  nlmsghdr* message = batch.begin(RTM_NEWLINK, create, "create the link");
  put_link(message, 0);
  mnl_attr_put_strz(message, IFLA_IFNAME, name.c_str());
  mnl_attr_put_u32(message, IFLA_LINK, static_cast<std::uint32_t>(parent));
  nlattr* info = nullptr;
  nlattr* data = begin_kind(message, "vlan", &info);
  mnl_attr_put_u16(message, IFLA_VLAN_ID, id);
  end_kind(message, info, data);
  must_know(socket_.transact(batch), "vlan", "make the link " + name);
}

void Links::create_cable(const std::string& name) {
  NetlinkBatch batch;
  nlmsghdr* message = batch.begin(RTM_NEWLINK, create, "create the link");
  put_link(message, 0);
  mnl_attr_put_strz(message, IFLA_IFNAME, name.c_str());
  nlattr* info = mnl_attr_nest_start(message, IFLA_LINKINFO);
  mnl_attr_put_strz(message, IFLA_INFO_KIND, "dummy");
  mnl_attr_nest_end(message, info);
  const auto done = socket_.transact(batch);
  if (done || done.error().code != EOPNOTSUPP) {
    must(done, "make the link " + name);
    return;
  }
  const std::string other_end = name + "-";
  NetlinkBatch pair;
  message = pair.begin(RTM_NEWLINK, create, "create the link");
  put_link(message, 0);
  mnl_attr_put_strz(message, IFLA_IFNAME, name.c_str());
  nlattr* data = begin_kind(message, "veth", &info);
  nlattr* peer = mnl_attr_nest_start(message, VETH_INFO_PEER);
  put_link(message, 0);
  mnl_attr_put_strz(message, IFLA_IFNAME, other_end.c_str());
  mnl_attr_nest_end(message, peer);
  end_kind(message, info, data);
  message = pair.begin(RTM_SETLINK, change, "set the link up");
  put_up(put_link(message, 0));
  mnl_attr_put_strz(message, IFLA_IFNAME, other_end.c_str());
  must(socket_.transact(pair), "make the link " + name);
}

void Links::add_route(int index, const Subnet& to,
                      std::optional<Ipv4> gateway) {
  NetlinkBatch batch;
  nlmsghdr* message =
      batch.begin(RTM_NEWROUTE, create, "add the route", EEXIST);
  auto* header = put_header<rtmsg>(message);
  header->rtm_family = AF_INET;
  header->rtm_dst_len = static_cast<unsigned char>(to.prefix_len);
  header->rtm_table = RT_TABLE_MAIN;
  header->rtm_protocol = RTPROT_BOOT;
  header->rtm_scope = gateway ? RT_SCOPE_UNIVERSE : RT_SCOPE_LINK;
  header->rtm_type = RTN_UNICAST;
  const auto first = to.first().bytes();
  mnl_attr_put(message, RTA_DST, first.size(), first.data());
  if (gateway) {
    const auto bytes = gateway->bytes();
    mnl_attr_put(message, RTA_GATEWAY, bytes.size(), bytes.data());
  }
  mnl_attr_put_u32(message, RTA_OIF, static_cast<std::uint32_t>(index));
  must(socket_.transact(batch), "add the route to " + to_string(to));
}

void Links::set_alias(const std::string& name, const std::string& alias) {
  NetlinkBatch batch;
  nlmsghdr* message = batch.begin(RTM_SETLINK, change, "set the alias");
  put_link(message, 0);
  mnl_attr_put_strz(message, IFLA_IFNAME, name.c_str());
  mnl_attr_put_strz(message, IFLA_IFALIAS, alias.c_str());
  must(socket_.transact(batch), "mark the link " + name);
}

void Links::move(int index, int netns, const std::string& name) {
  NetlinkBatch batch;
  nlmsghdr* message = batch.begin(RTM_SETLINK, change, "move the link");
  put_link(message, index);
  mnl_attr_put_u32(message, IFLA_NET_NS_FD, static_cast<std::uint32_t>(netns));
  mnl_attr_put_strz(message, IFLA_IFNAME, name.c_str());
  must(socket_.transact(batch), "give the link to the container as " + name);
}

}  // namespace docker_cpp::network
