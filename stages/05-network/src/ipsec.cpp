// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/network/ipsec.hpp"

#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <linux/xfrm.h>
#include <netinet/in.h>
#include <sys/random.h>

#include <cerrno>
#include <cstring>
#include <string_view>
#include <vector>

#include "docker_cpp/sys/error.hpp"

namespace docker_cpp::network {
namespace {

constexpr std::uint16_t change = NLM_F_REQUEST | NLM_F_ACK;
constexpr std::uint16_t create = change | NLM_F_CREATE | NLM_F_EXCL;
constexpr std::uint16_t listing = NLM_F_REQUEST | NLM_F_DUMP;

/// By which policies find the flows, and we find what is ours.
constexpr std::uint32_t our_reqid = 0x64637070;  // "dcpp"

// The smaller number wins.
constexpr std::uint32_t flow_priority = 1000;
constexpr std::uint32_t block_priority = 2000;

constexpr std::string_view algorithm = "rfc4106(gcm(aes))";

template <typename Header>
Header* put_header(nlmsghdr* message) {
  return static_cast<Header*>(
      mnl_nlmsg_put_extra_header(message, sizeof(Header)));
}

xfrm_address_t raw(Ipv4 address) {
  xfrm_address_t out{};
  out.a4 = htonl(address.value);
  return out;
}

/// UDP to that port, from anybody to anybody.
xfrm_selector to_port(std::uint16_t port) {
  xfrm_selector out{};
  out.family = AF_INET;
  out.proto = IPPROTO_UDP;
  out.dport = htons(port);
  out.dport_mask = 0xffff;
  return out;
}

xfrm_selector to_port(Ipv4 source, Ipv4 destination, std::uint16_t port) {
  xfrm_selector out = to_port(port);
  out.saddr = raw(source);
  out.daddr = raw(destination);
  out.prefixlen_s = 32;
  out.prefixlen_d = 32;
  return out;
}

/// Netlink aligns to four bytes, XFRM's structs with 64-bit members to eight:
/// they are copied in and out.
template <typename T>
void put_copy(nlmsghdr* message, const T& value) {
  std::memcpy(mnl_nlmsg_put_extra_header(message, sizeof value), &value,
              sizeof value);
}
template <typename T>
T copy_of_payload(const nlmsghdr& message) {
  T value{};
  std::memcpy(&value, mnl_nlmsg_get_payload(&message), sizeof value);
  return value;
}

void set_endless(xfrm_lifetime_cfg& lifetime) {
  lifetime.soft_byte_limit = XFRM_INF;
  lifetime.hard_byte_limit = XFRM_INF;
  lifetime.soft_packet_limit = XFRM_INF;
  lifetime.hard_packet_limit = XFRM_INF;
}

void put_algorithm(nlmsghdr* message, const SecureFlow& flow) {
  std::vector<char> bytes(sizeof(xfrm_algo_aead) + flow.key.size());
  xfrm_algo_aead header{};
  std::memcpy(header.alg_name, algorithm.data(), algorithm.size());
  header.alg_key_len = static_cast<unsigned>(flow.key.size()) * 8;
  header.alg_icv_len = 128;
  std::memcpy(bytes.data(), &header, sizeof header);
  std::memcpy(bytes.data() + sizeof header, flow.key.data(), flow.key.size());
  mnl_attr_put(message, XFRMA_ALG_AEAD, bytes.size(), bytes.data());
  // The message in the batch keeps a copy until it is sent; this one does not.
  ::explicit_bzero(bytes.data(), bytes.size());
}

/// Numbers of 64 bits (RFC 4304): of 32, a fast link has none left in minutes.
void put_long_numbers(nlmsghdr* message) {
  constexpr std::uint32_t window = 128;
  std::vector<char> bytes(sizeof(xfrm_replay_state_esn) + window / 8);
  xfrm_replay_state_esn header{};
  header.bmp_len = window / 32;
  header.replay_window = window;
  std::memcpy(bytes.data(), &header, sizeof header);
  mnl_attr_put(message, XFRMA_REPLAY_ESN_VAL, bytes.size(), bytes.data());
}

void put_removal(NetlinkBatch& batch, const xfrm_address_t& destination,
                 std::uint32_t raw_spi) {
  auto* id = put_header<xfrm_usersa_id>(
      batch.begin(XFRM_MSG_DELSA, change, "remove a protected flow", ESRCH));
  id->daddr = destination;
  id->spi = raw_spi;
  id->family = AF_INET;
  id->proto = IPPROTO_ESP;
}

}  // namespace

Ipsec Ipsec::open() {
  return Ipsec(must(NetlinkSocket::open(NETLINK_XFRM),
                    "open a socket to the kernel's IPsec"));
}

bool Ipsec::has_esp() {
  SecureFlow probe{.source = {.value = INADDR_LOOPBACK},
                   .destination = {.value = INADDR_LOOPBACK}};
  if (::getrandom(probe.key.data(), probe.key.size(), 0) == -1 ||
      ::getrandom(&probe.spi, sizeof probe.spi, 0) == -1) {
    return false;
  }
  probe.spi |= 0x100;
  if (!try_add(probe)) {
    return false;
  }
  remove(probe);
  return true;
}

void Ipsec::put_policy(NetlinkBatch& batch, const xfrm_selector& which,
                       std::uint8_t direction, bool with_esp) const {
  nlmsghdr* message =
      batch.begin(XFRM_MSG_UPDPOLICY, change | NLM_F_CREATE | NLM_F_REPLACE,
                  "set what has to be encrypted");
  xfrm_userpolicy_info policy{};
  policy.sel = which;
  set_endless(policy.lft);
  policy.priority = with_esp ? flow_priority : block_priority;
  policy.dir = direction;
  policy.action = with_esp ? XFRM_POLICY_ALLOW : XFRM_POLICY_BLOCK;
  put_copy(message, policy);
  if (!with_esp) {
    return;
  }
  xfrm_user_tmpl demanded{};
  demanded.id.proto = IPPROTO_ESP;
  demanded.id.daddr = which.daddr;
  demanded.saddr = which.saddr;
  demanded.family = AF_INET;
  demanded.reqid = our_reqid;
  demanded.mode = XFRM_MODE_TRANSPORT;
  demanded.aalgos = ~0U;
  demanded.ealgos = ~0U;
  demanded.calgos = ~0U;
  mnl_attr_put(message, XFRMA_TMPL, sizeof demanded, &demanded);
}

void Ipsec::forbid_plain(std::uint16_t port) {
  NetlinkBatch batch;
  put_policy(batch, to_port(port), XFRM_POLICY_IN, false);
  put_policy(batch, to_port(port), XFRM_POLICY_OUT, false);
  must(socket_.transact(batch),
       "forbid plain traffic to UDP port " + std::to_string(port));
}

void Ipsec::demand(Ipv4 local, Ipv4 peer, std::uint16_t port) {
  NetlinkBatch batch;
  put_policy(batch, to_port(peer, local, port), XFRM_POLICY_IN, true);
  put_policy(batch, to_port(local, peer, port), XFRM_POLICY_OUT, true);
  must(socket_.transact(batch),
       "demand encryption of traffic with " + to_string(peer));
}

void Ipsec::forget(std::uint16_t port) {
  NetlinkBatch question;
  question.begin(XFRM_MSG_GETPOLICY, listing, "list what is encrypted");
  const auto all = must(socket_.ask(question), "list what is encrypted");
  NetlinkBatch batch;
  each_message(all, [&](const nlmsghdr& message) {
    const auto policy = copy_of_payload<xfrm_userpolicy_info>(message);
    const bool ours =
        policy.priority == flow_priority || policy.priority == block_priority;
    if (!ours || policy.sel.proto != IPPROTO_UDP ||
        policy.sel.dport != htons(port)) {
      return;
    }
    auto* id = put_header<xfrm_userpolicy_id>(
        batch.begin(XFRM_MSG_DELPOLICY, change,
                    "take back what has to be encrypted", ENOENT));
    id->sel = policy.sel;
    id->dir = policy.dir;
  });
  if (!batch.empty()) {
    must(socket_.transact(batch), "take back what has to be encrypted");
  }
}

sys::Result<void> Ipsec::try_add(const SecureFlow& flow) {
  NetlinkBatch batch;
  nlmsghdr* message =
      batch.begin(XFRM_MSG_NEWSA, create, "add a protected flow");
  xfrm_usersa_info state{};
  state.id.daddr = raw(flow.destination);
  state.id.spi = htonl(flow.spi);
  state.id.proto = IPPROTO_ESP;
  state.saddr = raw(flow.source);
  set_endless(state.lft);
  state.reqid = our_reqid;
  state.family = AF_INET;
  state.mode = XFRM_MODE_TRANSPORT;
  state.flags = XFRM_STATE_ESN;
  put_copy(message, state);
  put_algorithm(message, flow);
  put_long_numbers(message);
  return socket_.transact(batch);
}

void Ipsec::add(const SecureFlow& flow) {
  must(try_add(flow), "encrypt traffic from " + to_string(flow.source) +
                          " to " + to_string(flow.destination));
}

void Ipsec::remove(const SecureFlow& flow) {
  NetlinkBatch batch;
  put_removal(batch, raw(flow.destination), htonl(flow.spi));
  must(socket_.transact(batch),
       "remove the protected flow to " + to_string(flow.destination));
}

void Ipsec::remove_all() {
  NetlinkBatch question;
  question.begin(XFRM_MSG_GETSA, listing, "list the protected flows");
  const auto all = must(socket_.ask(question), "list the protected flows");
  NetlinkBatch batch;
  each_message(all, [&](const nlmsghdr& message) {
    const auto state = copy_of_payload<xfrm_usersa_info>(message);
    if (state.reqid == our_reqid && state.id.proto == IPPROTO_ESP) {
      put_removal(batch, state.id.daddr, state.id.spi);
    }
  });
  if (!batch.empty()) {
    must(socket_.transact(batch), "remove the protected flows");
  }
}

}  // namespace docker_cpp::network
