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

void put_header(nlmsghdr* message) {
  auto* header = static_cast<nfgenmsg*>(
      mnl_nlmsg_put_extra_header(message, sizeof(nfgenmsg)));
  header->nfgen_family = AF_INET;
  header->version = NFNETLINK_V0;
}

/// One direction of a connection.
struct Tuple {
  Ipv4 from;
  std::uint8_t protocol = 0;
  std::uint16_t to_port = 0;
};

Tuple read_tuple(const nlattr& nest) {
  Tuple out;
  each_attribute(nest, [&](const nlattr& part) {
    each_attribute(part, [&](const nlattr& field) {
      const bool address = mnl_attr_get_type(&part) == CTA_TUPLE_IP;
      const auto type = mnl_attr_get_type(&field);
      if (address && type == CTA_IP_V4_SRC) {
        out.from = Ipv4::from_bytes(mnl_attr_get_payload(&field));
      } else if (!address && type == CTA_PROTO_NUM) {
        out.protocol = mnl_attr_get_u8(&field);
      } else if (!address && type == CTA_PROTO_DST_PORT) {
        out.to_port = ntohs(mnl_attr_get_u16(&field));
      }
    });
  });
  return out;
}

bool is_of(const Tuple& there, const Tuple& back,
           std::span<const PortMapping> mappings) {
  return there.protocol == IPPROTO_UDP &&
         std::ranges::any_of(mappings, [&](const PortMapping& mapping) {
           return mapping.protocol == IPPROTO_UDP &&
                  (mapping.host_port == there.to_port ||
                   mapping.target == back.from);
         });
}

}  // namespace

void forget_udp(NetlinkSocket& socket, std::span<const PortMapping> mappings) {
  const auto is_udp = [](const PortMapping& mapping) {
    return mapping.protocol == IPPROTO_UDP;
  };
  if (std::ranges::none_of(mappings, is_udp)) {
    return;
  }
  NetlinkBatch question;
  put_header(question.begin(type_of(IPCTNL_MSG_CT_GET),
                            NLM_F_REQUEST | NLM_F_DUMP, "list connections"));
  const auto all = socket.ask(question);
  if (!all) {
    return;
  }
  NetlinkBatch batch;
  each_message(*all, [&](const nlmsghdr& message) {
    const nlattr* original = nullptr;
    Tuple back;
    each_attribute(message, sizeof(nfgenmsg), [&](const nlattr& attribute) {
      if (mnl_attr_get_type(&attribute) == CTA_TUPLE_ORIG) {
        original = &attribute;
      } else if (mnl_attr_get_type(&attribute) == CTA_TUPLE_REPLY) {
        back = read_tuple(attribute);
      }
    });
    if (original == nullptr || !is_of(read_tuple(*original), back, mappings)) {
      return;
    }
    nlmsghdr* gone =
        batch.begin(type_of(IPCTNL_MSG_CT_DELETE), NLM_F_REQUEST | NLM_F_ACK,
                    "forget a connection", ENOENT);
    put_header(gone);
    mnl_attr_put(gone, CTA_TUPLE_ORIG | NLA_F_NESTED,
                 mnl_attr_get_payload_len(original),
                 mnl_attr_get_payload(original));
  });
  if (!batch.empty()) {
    static_cast<void>(socket.transact(batch));
  }
}

}  // namespace docker_cpp::network
