// SPDX-License-Identifier: Apache-2.0
#include "conntrack.hpp"

#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <netinet/in.h>

#include <algorithm>
#include <vector>

namespace docker_cpp::network {
namespace {

constexpr std::uint16_t type_of(int message) {
  return static_cast<std::uint16_t>(NFNL_SUBSYS_CTNETLINK << 8 | message);
}

template <typename Address>
constexpr unsigned char family_of = sizeof(Address) == 4 ? AF_INET : AF_INET6;

void put_header(nlmsghdr* message, unsigned char family) {
  auto* header = static_cast<nfgenmsg*>(
      mnl_nlmsg_put_extra_header(message, sizeof(nfgenmsg)));
  header->nfgen_family = family;
  header->version = NFNETLINK_V0;
}

/// One direction of a connection.
template <typename Address>
struct Tuple {
  Address from;
  std::uint8_t protocol = 0;
  std::uint16_t to_port = 0;
};

template <typename Address>
Tuple<Address> read_tuple(const nlattr& nest) {
  constexpr int source = sizeof(Address) == 4 ? CTA_IP_V4_SRC : CTA_IP_V6_SRC;
  Tuple<Address> out;
  each_attribute(nest, [&](const nlattr& part) {
    each_attribute(part, [&](const nlattr& field) {
      const bool address = mnl_attr_get_type(&part) == CTA_TUPLE_IP;
      const auto type = mnl_attr_get_type(&field);
      if (address && type == source) {
        out.from = Address::from_bytes(mnl_attr_get_payload(&field));
      } else if (!address && type == CTA_PROTO_NUM) {
        out.protocol = mnl_attr_get_u8(&field);
      } else if (!address && type == CTA_PROTO_DST_PORT) {
        out.to_port = ntohs(mnl_attr_get_u16(&field));
      }
    });
  });
  return out;
}

template <typename Address>
bool is_of(const Tuple<Address>& there, const Tuple<Address>& back,
           std::span<const BasicPortMapping<Address>> mappings) {
  return there.protocol == IPPROTO_UDP &&
         std::ranges::any_of(mappings,
                             [&](const BasicPortMapping<Address>& mapping) {
                               return mapping.protocol == IPPROTO_UDP &&
                                      (mapping.host_port == there.to_port ||
                                       mapping.target == back.from);
                             });
}

template <typename Address>
void forget(NetlinkSocket& socket,
            std::span<const BasicPortMapping<Address>> mappings) {
  const auto is_udp = [](const BasicPortMapping<Address>& mapping) {
    return mapping.protocol == IPPROTO_UDP;
  };
  if (std::ranges::none_of(mappings, is_udp)) {
    return;
  }
  NetlinkBatch question;
  put_header(question.begin(type_of(IPCTNL_MSG_CT_GET),
                            NLM_F_REQUEST | NLM_F_DUMP, "list connections"),
             family_of<Address>);
  const auto all = socket.ask(question);
  if (!all) {
    return;
  }
  NetlinkBatch batch;
  each_message(*all, [&](const nlmsghdr& message) {
    const nlattr* original = nullptr;
    Tuple<Address> back;
    each_attribute(message, sizeof(nfgenmsg), [&](const nlattr& attribute) {
      if (mnl_attr_get_type(&attribute) == CTA_TUPLE_ORIG) {
        original = &attribute;
      } else if (mnl_attr_get_type(&attribute) == CTA_TUPLE_REPLY) {
        back = read_tuple<Address>(attribute);
      }
    });
    if (original == nullptr ||
        !is_of(read_tuple<Address>(*original), back, mappings)) {
      return;
    }
    nlmsghdr* gone =
        batch.begin(type_of(IPCTNL_MSG_CT_DELETE), NLM_F_REQUEST | NLM_F_ACK,
                    "forget a connection", ENOENT);
    put_header(gone, family_of<Address>);
    mnl_attr_put(gone, CTA_TUPLE_ORIG | NLA_F_NESTED,
                 mnl_attr_get_payload_len(original),
                 mnl_attr_get_payload(original));
  });
  if (!batch.empty()) {
    static_cast<void>(socket.transact(batch));
  }
}

}  // namespace

void forget_udp(NetlinkSocket& socket, std::span<const PortMapping> mappings) {
  forget(socket, mappings);
}

void forget_udp(NetlinkSocket& socket, std::span<const PortMapping6> mappings) {
  forget(socket, mappings);
}

}  // namespace docker_cpp::network
