// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/network/links.hpp"

#include <libmnl/libmnl.h>
#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>

#include <chrono>
#include <cstring>
#include <thread>
#include <utility>

#include "bridge_alias.hpp"
#include "link_messages.hpp"

#include "docker_cpp/sys/error.hpp"

namespace docker_cpp::network {
namespace {

void put_address(NetlinkBatch& batch, int index, const Subnet& address,
                 const char* doing, bool add) {
  nlmsghdr* message = batch.begin(
      add ? RTM_NEWADDR : RTM_DELADDR,
      add ? static_cast<std::uint16_t>(change | NLM_F_CREATE | NLM_F_REPLACE)
          : change,
      doing, add ? 0 : EADDRNOTAVAIL);
  auto* header = put_header<ifaddrmsg>(message);
  header->ifa_family = AF_INET;
  header->ifa_prefixlen = static_cast<unsigned char>(address.prefix_len);
  header->ifa_index = static_cast<unsigned>(index);
  const auto local = address.address.bytes();
  const auto broadcast = address.last().bytes();
  mnl_attr_put(message, IFA_LOCAL, local.size(), local.data());
  mnl_attr_put(message, IFA_ADDRESS, local.size(), local.data());
  if (add && address.prefix_len < 31) {
    mnl_attr_put(message, IFA_BROADCAST, broadcast.size(), broadcast.data());
  }
}

enum class OldRoute : std::uint8_t { stays, goes };

/// By the link of that index, or (0) the one through which it is reached.
template <typename Address>
void put_default_route(NetlinkBatch& batch, int index, const Address& gateway,
                       OldRoute old) {
  // EEXIST: the container is on another network already, whose gateway stays.
  nlmsghdr* message = batch.begin(
      RTM_NEWROUTE,
      old == OldRoute::stays
          ? create
          : static_cast<std::uint16_t>(change | NLM_F_CREATE | NLM_F_REPLACE),
      "add the default route", old == OldRoute::stays ? EEXIST : 0);
  auto* header = put_header<rtmsg>(message);
  header->rtm_family = sizeof(Address) == sizeof(Ipv4) ? AF_INET : AF_INET6;
  header->rtm_table = RT_TABLE_MAIN;
  header->rtm_protocol = RTPROT_BOOT;
  header->rtm_scope = RT_SCOPE_UNIVERSE;
  header->rtm_type = RTN_UNICAST;
  const auto& bytes = gateway.bytes();
  mnl_attr_put(message, RTA_GATEWAY, bytes.size(), bytes.data());
  if (index != 0) {
    mnl_attr_put_u32(message, RTA_OIF, static_cast<std::uint32_t>(index));
  }
}

std::string kind_of(const nlattr& link_info) {
  std::string kind;
  each_attribute(link_info, [&](const nlattr& attribute) {
    if (mnl_attr_get_type(&attribute) == IFLA_INFO_KIND) {
      kind = mnl_attr_get_str(&attribute);
    }
  });
  return kind;
}

Link read_link(const nlmsghdr& message) {
  const auto* header =
      static_cast<const ifinfomsg*>(mnl_nlmsg_get_payload(&message));
  Link link{.index = header->ifi_index,
            .up = (header->ifi_flags & IFF_UP) != 0};
  each_attribute(message, sizeof *header, [&](const nlattr& attribute) {
    switch (mnl_attr_get_type(&attribute)) {
      case IFLA_IFNAME:
        link.name = mnl_attr_get_str(&attribute);
        break;
      case IFLA_OPERSTATE:
        link.operational = mnl_attr_get_u8(&attribute) == IF_OPER_UP;
        break;
      case IFLA_IFALIAS:
        link.alias = mnl_attr_get_str(&attribute);
        break;
      case IFLA_ADDRESS:
        if (mnl_attr_get_payload_len(&attribute) == link.mac.size()) {
          std::memcpy(link.mac.data(), mnl_attr_get_payload(&attribute),
                      link.mac.size());
        }
        break;
      case IFLA_MTU:
        link.mtu = static_cast<int>(mnl_attr_get_u32(&attribute));
        break;
      case IFLA_MASTER:
        link.master = static_cast<int>(mnl_attr_get_u32(&attribute));
        break;
      case IFLA_LINKINFO:
        link.kind = kind_of(attribute);
        break;
      default:
        break;
    }
  });
  return link;
}

/// The address that an attribute of this type holds, if there is one.
std::optional<Ipv4> address_in(const nlmsghdr& message, std::size_t header,
                               int type) {
  std::optional<Ipv4> address;
  each_attribute(message, header, [&](const nlattr& attribute) {
    if (mnl_attr_get_type(&attribute) == type) {
      address = Ipv4::from_bytes(mnl_attr_get_payload(&attribute));
    }
  });
  return address;
}

/// A listing is torn when something changed meanwhile: then it is asked anew.
std::vector<char> list_all(NetlinkSocket& socket, NetlinkBatch& batch,
                           const char* doing) {
  for (int attempt = 0;; ++attempt) {
    auto answer = socket.ask(batch);
    if (answer || answer.error().code != EINTR || attempt == 10) {
      return must(std::move(answer), doing);
    }
  }
}

}  // namespace

Links Links::open() {
  return Links(must(NetlinkSocket::open(NETLINK_ROUTE),
                    "open a socket to the kernel's routing"));
}

std::optional<Link> Links::find(const std::string& name) {
  NetlinkBatch batch;
  nlmsghdr* message = batch.begin(RTM_GETLINK, question, "find the link");
  put_link(message, 0);
  mnl_attr_put_strz(message, IFLA_IFNAME, name.c_str());
  const auto answer = socket_.ask(batch);
  if (!answer && answer.error().code == ENODEV) {
    return std::nullopt;
  }
  std::optional<Link> found;
  each_message(must(answer, "look up the link " + name),
               [&](const nlmsghdr& one) { found = read_link(one); });
  return found;
}

std::vector<Link> Links::list() {
  NetlinkBatch batch;
  put_link(batch.begin(RTM_GETLINK, listing, "list links"), 0);
  std::vector<Link> links;
  each_message(list_all(socket_, batch, "list the links"),
               [&](const nlmsghdr& one) { links.push_back(read_link(one)); });
  return links;
}

std::vector<Subnet> Links::addresses(int index) {
  NetlinkBatch batch;
  put_header<ifaddrmsg>(batch.begin(RTM_GETADDR, listing, "list addresses"))
      ->ifa_family = AF_INET;
  std::vector<Subnet> found;
  const auto read = [&](const nlmsghdr& message) {
    const auto* header =
        static_cast<const ifaddrmsg*>(mnl_nlmsg_get_payload(&message));
    const auto address = address_in(message, sizeof *header, IFA_LOCAL);
    if (address && static_cast<int>(header->ifa_index) == index) {
      found.push_back(
          {.address = *address, .prefix_len = header->ifa_prefixlen});
    }
  };
  each_message(list_all(socket_, batch, "list the addresses"), read);
  return found;
}

std::vector<Subnet> Links::routes() {
  NetlinkBatch batch;
  put_header<rtmsg>(batch.begin(RTM_GETROUTE, listing, "list routes"))
      ->rtm_family = AF_INET;
  std::vector<Subnet> found;
  const auto read = [&](const nlmsghdr& message) {
    const auto* header =
        static_cast<const rtmsg*>(mnl_nlmsg_get_payload(&message));
    const auto to = address_in(message, sizeof *header, RTA_DST);
    if (to && header->rtm_type == RTN_UNICAST && header->rtm_dst_len > 0) {
      found.push_back({.address = *to, .prefix_len = header->rtm_dst_len});
    }
  };
  each_message(list_all(socket_, batch, "list the routes"), read);
  return found;
}

std::vector<Subnet6> Links::routes6() {
  NetlinkBatch batch;
  put_header<rtmsg>(batch.begin(RTM_GETROUTE, listing, "list routes"))
      ->rtm_family = AF_INET6;
  std::vector<Subnet6> found;
  const auto read = [&](const nlmsghdr& message) {
    const auto* header =
        static_cast<const rtmsg*>(mnl_nlmsg_get_payload(&message));
    each_attribute(message, sizeof *header, [&](const nlattr& attribute) {
      if (mnl_attr_get_type(&attribute) == RTA_DST &&
          header->rtm_type == RTN_UNICAST && header->rtm_dst_len > 0) {
        found.push_back(
            {.address = Ipv6::from_bytes(mnl_attr_get_payload(&attribute)),
             .prefix_len = header->rtm_dst_len});
      }
    });
  };
  each_message(list_all(socket_, batch, "list the routes"), read);
  return found;
}

void Links::create_bridge(const std::string& name, const MacAddress& mac,
                          int mtu) {
  NetlinkBatch batch;
  nlmsghdr* message = batch.begin(RTM_NEWLINK, create, "create the link");
  put_link(message, 0);
  mnl_attr_put_strz(message, IFLA_IFNAME, name.c_str());
  // A MAC of its own: otherwise it takes its lowest port's, and changes it
  // under its neighbours' feet as containers come and go.
  mnl_attr_put(message, IFLA_ADDRESS, mac.size(), mac.data());
  mnl_attr_put_u32(message, IFLA_MTU, static_cast<std::uint32_t>(mtu));
  nlattr* info = mnl_attr_nest_start(message, IFLA_LINKINFO);
  mnl_attr_put_strz(message, IFLA_INFO_KIND, "bridge");
  mnl_attr_nest_end(message, info);

  message = batch.begin(RTM_SETLINK, change, "leave out IPv6",
                        NetlinkBatch::any_error);  // booted without IPv6
  put_link(message, 0);
  mnl_attr_put_strz(message, IFLA_IFNAME, name.c_str());
  put_no_ipv6_address(message);

  message = batch.begin(RTM_SETLINK, change, "set the alias");
  put_link(message, 0);
  mnl_attr_put_strz(message, IFLA_IFNAME, name.c_str());
  mnl_attr_put_strz(message, IFLA_IFALIAS, bridge_alias);
  must(socket_.transact(batch), "make the bridge " + name);
}

void Links::set_address(int index, const Subnet& address) {
  NetlinkBatch batch;
  put_address(batch, index, address, "add the address", true);
  must(socket_.transact(batch), "set the address " + to_string(address));
}

void Links::set_address(int index, const Subnet6& address,
                        std::optional<Ipv6> gateway) {
  NetlinkBatch batch;
  nlmsghdr* message = batch.begin(
      RTM_NEWADDR,
      static_cast<std::uint16_t>(change | NLM_F_CREATE | NLM_F_REPLACE),
      "add the address");
  auto* header = put_header<ifaddrmsg>(message);
  header->ifa_family = AF_INET6;
  header->ifa_prefixlen = static_cast<unsigned char>(address.prefix_len);
  header->ifa_flags = IFA_F_NODAD;
  header->ifa_index = static_cast<unsigned>(index);
  mnl_attr_put(message, IFA_LOCAL, address.address.value.size(),
               address.address.value.data());
  if (gateway) {
    put_default_route(batch, index, *gateway, OldRoute::stays);
  }
  must(socket_.transact(batch), "set the address " + to_string(address));
}

void Links::remove_address(int index, const Subnet& address) {
  NetlinkBatch batch;
  put_address(batch, index, address, "remove the address", false);
  must(socket_.transact(batch), "remove the address " + to_string(address));
}

void Links::set_up(int index) {
  NetlinkBatch batch;
  put_up(put_link(batch.begin(RTM_SETLINK, change, "set the link up"), index));
  must(socket_.transact(batch), "bring up link " + std::to_string(index));
}

void Links::set_up_endpoint(int index, const std::optional<Subnet>& address,
                            std::optional<Ipv4> gateway) {
  NetlinkBatch batch;
  // The loopback of a new namespace always has index 1: loopback.c.
  put_up(put_link(batch.begin(RTM_SETLINK, change, "set loopback up"), 1));
  if (address) {
    put_address(batch, index, *address, "add the address", true);
  }
  put_up(put_link(batch.begin(RTM_SETLINK, change, "set the link up"), index));
  if (gateway) {
    put_default_route(batch, index, *gateway, OldRoute::stays);
  }
  must(socket_.transact(batch),
       "give the container the address " +
           (address ? to_string(*address) : std::string("it needs")));
}

void Links::set_default_route(Ipv4 gateway) {
  NetlinkBatch batch;
  put_default_route(batch, 0, gateway, OldRoute::goes);
  must(socket_.transact(batch),
       "set the default route to " + to_string(gateway));
}

void Links::set_default_route(const Ipv6& gateway) {
  NetlinkBatch batch;
  put_default_route(batch, 0, gateway, OldRoute::goes);
  must(socket_.transact(batch),
       "set the default route to " + to_string(gateway));
}

void Links::set_default_link(int index, Families families) {
  NetlinkBatch batch;
  const auto add = [&](unsigned char family) {
    nlmsghdr* message =
        batch.begin(RTM_NEWROUTE, create, "add the default route", EEXIST);
    auto* header = put_header<rtmsg>(message);
    header->rtm_family = family;
    header->rtm_table = RT_TABLE_MAIN;
    header->rtm_protocol = RTPROT_BOOT;
    header->rtm_scope = RT_SCOPE_LINK;
    header->rtm_type = RTN_UNICAST;
    mnl_attr_put_u32(message, RTA_OIF, static_cast<std::uint32_t>(index));
  };
  if (families.v4) {
    add(AF_INET);
  }
  if (families.v6) {
    add(AF_INET6);
  }
  must(socket_.transact(batch), "set the default route");
}

void Links::wait_until_operational(const std::string& name) {
  // Linux 6.8 does that work when it is asked about the link, so there the
  // first answer is the last.
  for (int attempt = 0; attempt < 100; ++attempt) {
    const auto link = find(name);
    if (!link || link->operational) {
      return;
    }
    std::this_thread::sleep_for(std::chrono::microseconds(100));
  }
}

void Links::remove(const std::string& name) {
  NetlinkBatch batch;
  nlmsghdr* message =
      batch.begin(RTM_DELLINK, change, "delete the link", ENODEV);
  put_link(message, 0);
  mnl_attr_put_strz(message, IFLA_IFNAME, name.c_str());
  must(socket_.transact(batch), "remove the link " + name);
}

}  // namespace docker_cpp::network
