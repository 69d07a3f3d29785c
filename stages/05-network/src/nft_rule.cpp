// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/network/nft_rule.hpp"

#include <libnftnl/expr.h>
#include <libnftnl/rule.h>
#include <libnftnl/udata.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_nat.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/rtnetlink.h>
#include <net/if.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <new>

namespace docker_cpp::network {
namespace {

// Where the addresses are in an IPv4 header, and the port after it.
constexpr unsigned source_offset = 12;
constexpr unsigned destination_offset = 16;
// And in one of IPv6.
constexpr unsigned source_offset_v6 = 8;
constexpr unsigned destination_offset_v6 = 24;
constexpr unsigned destination_port_offset = 2;

// NF_CT_STATE_BIT of the kernel's nf_conntrack_common.h, as nft(8) has it.
constexpr std::uint32_t state_established = 1U << 1U;
constexpr std::uint32_t state_related = 1U << 2U;

}  // namespace

void NftRule::Free::operator()(nftnl_rule* rule) const noexcept {
  nftnl_rule_free(rule);
}

NftRule::NftRule(const std::string& table, const std::string& chain,
                 Family family)
    : rule_(nftnl_rule_alloc()), family_(family) {
  if (!rule_) {
    throw std::bad_alloc();
  }
  nftnl_rule_set_str(rule_.get(), NFTNL_RULE_TABLE, table.c_str());
  nftnl_rule_set_str(rule_.get(), NFTNL_RULE_CHAIN, chain.c_str());
  nftnl_rule_set_u32(rule_.get(), NFTNL_RULE_FAMILY,
                     static_cast<std::uint32_t>(family));
}

NftRule::NftRule(NftRule&&) noexcept = default;
NftRule& NftRule::operator=(NftRule&&) noexcept = default;
NftRule::~NftRule() = default;

NftRule& NftRule::comment(const std::string& text) {
  nftnl_udata_buf* buffer = nftnl_udata_buf_alloc(NFT_USERDATA_MAXLEN);
  if (buffer == nullptr) {
    throw std::bad_alloc();
  }
  nftnl_udata_put_strz(buffer, NFTNL_UDATA_RULE_COMMENT, text.c_str());
  nftnl_rule_set_data(rule_.get(), NFTNL_RULE_USERDATA,
                      nftnl_udata_buf_data(buffer),
                      nftnl_udata_buf_len(buffer));
  nftnl_udata_buf_free(buffer);
  return *this;
}

NftRule& NftRule::before(std::uint64_t handle) {
  nftnl_rule_set_u64(rule_.get(), NFTNL_RULE_POSITION, handle);
  return *this;
}

nftnl_expr* NftRule::add(const char* expression) {
  nftnl_expr* made = nftnl_expr_alloc(expression);
  if (made == nullptr) {
    throw std::bad_alloc();
  }
  nftnl_rule_add_expr(rule_.get(), made);  // the rule owns it now
  return made;
}

NftRule& NftRule::compare(unsigned operation, const void* data,
                          std::uint32_t size) {
  nftnl_expr* test = add("cmp");
  nftnl_expr_set_u32(test, NFTNL_EXPR_CMP_SREG, NFT_REG_1);
  nftnl_expr_set_u32(test, NFTNL_EXPR_CMP_OP, operation);
  nftnl_expr_set(test, NFTNL_EXPR_CMP_DATA, data, size);
  return *this;
}

NftRule& NftRule::link_name(unsigned meta_key, unsigned operation,
                            const std::string& name) {
  nftnl_expr* load = add("meta");
  nftnl_expr_set_u32(load, NFTNL_EXPR_META_KEY, meta_key);
  nftnl_expr_set_u32(load, NFTNL_EXPR_META_DREG, NFT_REG_1);
  std::array<char, IFNAMSIZ> padded{};
  std::memcpy(padded.data(), name.data(),
              std::min(name.size(), padded.size() - 1));
  return compare(operation, padded.data(), padded.size());
}

NftRule& NftRule::from_link(const std::string& name) {
  return link_name(NFT_META_IIFNAME, NFT_CMP_EQ, name);
}

NftRule& NftRule::to_link(const std::string& name) {
  return link_name(NFT_META_OIFNAME, NFT_CMP_EQ, name);
}

NftRule& NftRule::to_other_link(const std::string& name) {
  return link_name(NFT_META_OIFNAME, NFT_CMP_NEQ, name);
}

template <typename Bytes>
NftRule& NftRule::address_in(unsigned offset, const Bytes& first,
                             const Bytes& mask) {
  constexpr auto size = static_cast<std::uint32_t>(sizeof(Bytes));
  nftnl_expr* load = add("payload");
  nftnl_expr_set_u32(load, NFTNL_EXPR_PAYLOAD_BASE, NFT_PAYLOAD_NETWORK_HEADER);
  nftnl_expr_set_u32(load, NFTNL_EXPR_PAYLOAD_OFFSET, offset);
  nftnl_expr_set_u32(load, NFTNL_EXPR_PAYLOAD_LEN, size);
  nftnl_expr_set_u32(load, NFTNL_EXPR_PAYLOAD_DREG, NFT_REG_1);
  const Bytes nothing{};
  nftnl_expr* bits = add("bitwise");
  nftnl_expr_set_u32(bits, NFTNL_EXPR_BITWISE_SREG, NFT_REG_1);
  nftnl_expr_set_u32(bits, NFTNL_EXPR_BITWISE_DREG, NFT_REG_1);
  nftnl_expr_set_u32(bits, NFTNL_EXPR_BITWISE_OP, NFT_BITWISE_BOOL);
  nftnl_expr_set_u32(bits, NFTNL_EXPR_BITWISE_LEN, size);
  nftnl_expr_set(bits, NFTNL_EXPR_BITWISE_MASK, mask.data(), size);
  nftnl_expr_set(bits, NFTNL_EXPR_BITWISE_XOR, nothing.data(), size);
  return compare(NFT_CMP_EQ, first.data(), size);
}

NftRule& NftRule::from(const Subnet& subnet) {
  return address_in(source_offset, subnet.first().bytes(),
                    Ipv4{.value = subnet.mask()}.bytes());
}

NftRule& NftRule::to(const Subnet& subnet) {
  return address_in(destination_offset, subnet.first().bytes(),
                    Ipv4{.value = subnet.mask()}.bytes());
}

NftRule& NftRule::from(const Subnet6& subnet) {
  return address_in(source_offset_v6, subnet.first().value,
                    subnet.mask().value);
}

NftRule& NftRule::to(const Subnet6& subnet) {
  return address_in(destination_offset_v6, subnet.first().value,
                    subnet.mask().value);
}

NftRule& NftRule::to_this_host() {
  nftnl_expr* lookup = add("fib");
  nftnl_expr_set_u32(lookup, NFTNL_EXPR_FIB_RESULT, NFT_FIB_RESULT_ADDRTYPE);
  nftnl_expr_set_u32(lookup, NFTNL_EXPR_FIB_FLAGS, NFTA_FIB_F_DADDR);
  nftnl_expr_set_u32(lookup, NFTNL_EXPR_FIB_DREG, NFT_REG_1);
  const std::uint32_t local = RTN_LOCAL;
  return compare(NFT_CMP_EQ, &local, sizeof local);
}

NftRule& NftRule::bits_of_connection(unsigned key, std::uint32_t bits) {
  nftnl_expr* load = add("ct");
  nftnl_expr_set_u32(load, NFTNL_EXPR_CT_KEY, key);
  nftnl_expr_set_u32(load, NFTNL_EXPR_CT_DREG, NFT_REG_1);
  const std::uint32_t nothing = 0;
  nftnl_expr* mask = add("bitwise");
  nftnl_expr_set_u32(mask, NFTNL_EXPR_BITWISE_SREG, NFT_REG_1);
  nftnl_expr_set_u32(mask, NFTNL_EXPR_BITWISE_DREG, NFT_REG_1);
  nftnl_expr_set_u32(mask, NFTNL_EXPR_BITWISE_OP, NFT_BITWISE_BOOL);
  nftnl_expr_set_u32(mask, NFTNL_EXPR_BITWISE_LEN, sizeof bits);
  nftnl_expr_set(mask, NFTNL_EXPR_BITWISE_MASK, &bits, sizeof bits);
  nftnl_expr_set(mask, NFTNL_EXPR_BITWISE_XOR, &nothing, sizeof nothing);
  return compare(NFT_CMP_NEQ, &nothing, sizeof nothing);
}

NftRule& NftRule::of_known_connection() {
  return bits_of_connection(NFT_CT_STATE, state_established | state_related);
}

NftRule& NftRule::of_published_port() {
  return bits_of_connection(NFT_CT_STATUS, IPS_DST_NAT);
}

NftRule& NftRule::faster_than(std::uint64_t rate, std::uint32_t burst) {
  nftnl_expr* limit = add("limit");
  nftnl_expr_set_u64(limit, NFTNL_EXPR_LIMIT_RATE, rate);
  nftnl_expr_set_u64(limit, NFTNL_EXPR_LIMIT_UNIT, 1);
  nftnl_expr_set_u32(limit, NFTNL_EXPR_LIMIT_BURST, burst);
  nftnl_expr_set_u32(limit, NFTNL_EXPR_LIMIT_TYPE, NFT_LIMIT_PKT_BYTES);
  nftnl_expr_set_u32(limit, NFTNL_EXPR_LIMIT_FLAGS, NFT_LIMIT_F_INV);
  return *this;
}

NftRule& NftRule::count() {
  add("counter");
  return *this;
}

NftRule& NftRule::verdict(int code, const std::string& chain) {
  nftnl_expr* then = add("immediate");
  nftnl_expr_set_u32(then, NFTNL_EXPR_IMM_DREG, NFT_REG_VERDICT);
  nftnl_expr_set_u32(then, NFTNL_EXPR_IMM_VERDICT,
                     static_cast<std::uint32_t>(code));
  if (!chain.empty()) {
    nftnl_expr_set_str(then, NFTNL_EXPR_IMM_CHAIN, chain.c_str());
  }
  return *this;
}

NftRule& NftRule::accept() {
  return verdict(NF_ACCEPT);
}

NftRule& NftRule::drop() {
  return verdict(NF_DROP);
}

NftRule& NftRule::leave() {
  return verdict(NFT_RETURN);
}

NftRule& NftRule::jump(const std::string& chain) {
  return verdict(NFT_JUMP, chain);
}

NftRule& NftRule::masquerade() {
  add("masq");
  return *this;
}

void NftRule::load_port_into(unsigned protocol_register,
                             unsigned port_register) {
  nftnl_expr* protocol = add("meta");
  nftnl_expr_set_u32(protocol, NFTNL_EXPR_META_KEY, NFT_META_L4PROTO);
  nftnl_expr_set_u32(protocol, NFTNL_EXPR_META_DREG, protocol_register);
  nftnl_expr* port = add("payload");
  nftnl_expr_set_u32(port, NFTNL_EXPR_PAYLOAD_BASE,
                     NFT_PAYLOAD_TRANSPORT_HEADER);
  nftnl_expr_set_u32(port, NFTNL_EXPR_PAYLOAD_OFFSET, destination_port_offset);
  nftnl_expr_set_u32(port, NFTNL_EXPR_PAYLOAD_LEN, 2);
  nftnl_expr_set_u32(port, NFTNL_EXPR_PAYLOAD_DREG, port_register);
}

NftRule& NftRule::to_port(std::uint8_t protocol, std::uint16_t port) {
  nftnl_expr* load = add("meta");
  nftnl_expr_set_u32(load, NFTNL_EXPR_META_KEY, NFT_META_L4PROTO);
  nftnl_expr_set_u32(load, NFTNL_EXPR_META_DREG, NFT_REG_1);
  compare(NFT_CMP_EQ, &protocol, sizeof protocol);
  load_port_into(NFT_REG_2, NFT_REG_1);
  const std::array<std::uint8_t, 2> wire{
      static_cast<std::uint8_t>(port >> 8U),
      static_cast<std::uint8_t>(port & 0xffU)};
  return compare(NFT_CMP_EQ, wire.data(), wire.size());
}

NftRule& NftRule::redirect_to(Ipv4 address, std::uint16_t port) {
  const auto load = [&](std::uint32_t reg, const void* data,
                        std::uint32_t size) {
    nftnl_expr* value = add("immediate");
    nftnl_expr_set_u32(value, NFTNL_EXPR_IMM_DREG, reg);
    nftnl_expr_set(value, NFTNL_EXPR_IMM_DATA, data, size);
  };
  const auto ip = address.bytes();
  const std::array<std::uint8_t, 2> wire{
      static_cast<std::uint8_t>(port >> 8U),
      static_cast<std::uint8_t>(port & 0xffU)};
  load(NFT_REG_1, ip.data(), ip.size());
  load(NFT_REG_2, wire.data(), wire.size());
  nftnl_expr* nat = add("nat");
  nftnl_expr_set_u32(nat, NFTNL_EXPR_NAT_TYPE, NFT_NAT_DNAT);
  nftnl_expr_set_u32(nat, NFTNL_EXPR_NAT_FAMILY, NFPROTO_IPV4);
  nftnl_expr_set_u32(nat, NFTNL_EXPR_NAT_REG_ADDR_MIN, NFT_REG_1);
  nftnl_expr_set_u32(nat, NFTNL_EXPR_NAT_REG_PROTO_MIN, NFT_REG_2);
  return *this;
}

NftRule& NftRule::redirect(const std::string& map) {
  nftnl_expr* lookup = add("lookup");
  nftnl_expr_set_u32(lookup, NFTNL_EXPR_LOOKUP_SREG, NFT_REG_1);
  nftnl_expr_set_u32(lookup, NFTNL_EXPR_LOOKUP_DREG, NFT_REG_1);
  nftnl_expr_set_str(lookup, NFTNL_EXPR_LOOKUP_SET, map.c_str());
  nftnl_expr* nat = add("nat");
  nftnl_expr_set_u32(nat, NFTNL_EXPR_NAT_TYPE, NFT_NAT_DNAT);
  nftnl_expr_set_u32(nat, NFTNL_EXPR_NAT_FAMILY,
                     static_cast<std::uint32_t>(family_));
  nftnl_expr_set_u32(nat, NFTNL_EXPR_NAT_REG_ADDR_MIN, NFT_REG_1);
  nftnl_expr_set_u32(nat, NFTNL_EXPR_NAT_REG_PROTO_MIN,
                     family_ == Family::ipv6 ? NFT_REG32_04 : NFT_REG32_01);
  return *this;
}

NftRule& NftRule::redirect_by_address(const std::string& map) {
  const bool v6 = family_ == Family::ipv6;
  nftnl_expr* load = add("payload");
  nftnl_expr_set_u32(load, NFTNL_EXPR_PAYLOAD_BASE, NFT_PAYLOAD_NETWORK_HEADER);
  nftnl_expr_set_u32(load, NFTNL_EXPR_PAYLOAD_OFFSET,
                     v6 ? destination_offset_v6 : destination_offset);
  nftnl_expr_set_u32(load, NFTNL_EXPR_PAYLOAD_LEN, v6 ? 16 : 4);
  nftnl_expr_set_u32(load, NFTNL_EXPR_PAYLOAD_DREG, NFT_REG_1);
  // Behind the address: registers of four bytes each.
  load_port_into(v6 ? NFT_REG32_04 : NFT_REG32_01,
                 v6 ? NFT_REG32_05 : NFT_REG32_02);
  return redirect(map);
}

NftRule& NftRule::redirect_by_port(const std::string& map) {
  load_port_into(NFT_REG_1, NFT_REG32_01);
  return redirect(map);
}

}  // namespace docker_cpp::network
