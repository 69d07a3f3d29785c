// SPDX-License-Identifier: Apache-2.0
#include <linux/if_bridge.h>
#include <linux/veth.h>

#include "link_messages.hpp"

#include "docker_cpp/network/links.hpp"
#include "docker_cpp/sys/error.hpp"

/// The links that are ports of a bridge.
namespace docker_cpp::network {

void Links::create_veth(const VethPair& pair) {
  NetlinkBatch batch;
  nlmsghdr* message = batch.begin(RTM_NEWLINK, create, "create the veth pair");
  put_link(message, 0);
  const auto mtu = static_cast<std::uint32_t>(pair.mtu);
  mnl_attr_put_strz(message, IFLA_IFNAME, pair.name.c_str());
  mnl_attr_put_u32(message, IFLA_MTU, mtu);
  if (pair.bridge != 0) {
    // A port from its first moment: a daemon that dies right now leaves
    // nothing that reconcile() would not know as ours.
    mnl_attr_put_u32(message, IFLA_MASTER,
                     static_cast<std::uint32_t>(pair.bridge));
  }
  nlattr* info = mnl_attr_nest_start(message, IFLA_LINKINFO);
  mnl_attr_put_strz(message, IFLA_INFO_KIND, "veth");
  nlattr* data = mnl_attr_nest_start(message, IFLA_INFO_DATA);
  nlattr* peer = mnl_attr_nest_start(message, VETH_INFO_PEER);
  put_link(message, 0);
  mnl_attr_put_strz(message, IFLA_IFNAME, pair.peer_name.c_str());
  mnl_attr_put(message, IFLA_ADDRESS, pair.peer_mac.size(),
               pair.peer_mac.data());
  mnl_attr_put_u32(message, IFLA_MTU, mtu);
  mnl_attr_put_u32(message, IFLA_NET_NS_FD,
                   static_cast<std::uint32_t>(pair.peer_netns));
  mnl_attr_nest_end(message, peer);
  mnl_attr_nest_end(message, data);
  mnl_attr_nest_end(message, info);

  message = batch.begin(RTM_SETLINK, change, "leave out IPv6",
                        NetlinkBatch::any_error);
  put_link(message, 0);
  mnl_attr_put_strz(message, IFLA_IFNAME, pair.name.c_str());
  put_no_ipv6_address(message);

  if (!pair.alias.empty()) {
    message = batch.begin(RTM_SETLINK, change, "set the alias");
    put_link(message, 0);
    mnl_attr_put_strz(message, IFLA_IFNAME, pair.name.c_str());
    mnl_attr_put_strz(message, IFLA_IFALIAS, pair.alias.c_str());
  }
  must(socket_.transact(batch), "make the link " + pair.name);
}

void Links::set_up_port(int index, const PortOptions& options) {
  NetlinkBatch batch;
  if (options.hairpin || options.isolated) {
    nlmsghdr* message =
        batch.begin(RTM_SETLINK, change, "set the options of the port");
    put_link(message, index, AF_BRIDGE);
    nlattr* port = mnl_attr_nest_start(message, IFLA_PROTINFO);
    mnl_attr_put_u8(message, IFLA_BRPORT_MODE, options.hairpin ? 1 : 0);
    mnl_attr_put_u8(message, IFLA_BRPORT_ISOLATED, options.isolated ? 1 : 0);
    mnl_attr_nest_end(message, port);
  }
  put_up(put_link(batch.begin(RTM_SETLINK, change, "set the link up"), index));
  must(socket_.transact(batch), "bring up link " + std::to_string(index));
}

void Links::cut_port(int index) {
  NetlinkBatch batch;
  // Any error: the port is gone, or its bridge is.
  nlmsghdr* message = batch.begin(RTM_SETLINK, change, "disable the port",
                                  NetlinkBatch::any_error);
  put_link(message, index, AF_BRIDGE);
  nlattr* port = mnl_attr_nest_start(message, IFLA_PROTINFO);
  mnl_attr_put_u8(message, IFLA_BRPORT_STATE, BR_STATE_DISABLED);
  mnl_attr_put(message, IFLA_BRPORT_FLUSH, 0, nullptr);
  mnl_attr_nest_end(message, port);
  must(socket_.transact(batch), "cut port " + std::to_string(index));
}

}  // namespace docker_cpp::network
