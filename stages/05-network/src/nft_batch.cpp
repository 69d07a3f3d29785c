// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/network/nft_batch.hpp"

#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <libnftnl/chain.h>
#include <libnftnl/rule.h>
#include <libnftnl/set.h>
#include <libnftnl/table.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include <cstring>
#include <memory>
#include <new>

#include "nft_messages.hpp"

#include "docker_cpp/sys/error.hpp"

namespace docker_cpp::network {
namespace {

// The numbers by which nft(8) knows what a set holds; the kernel only keeps
// them. A concatenation takes six bits each: nftables' datatype.h.
constexpr std::uint32_t type_address = 7;
constexpr std::uint32_t type_address_v6 = 8;
constexpr std::uint32_t type_protocol = 12;
constexpr std::uint32_t type_port = 13;

constexpr std::uint32_t concatenated(std::uint32_t a, std::uint32_t b) {
  return a << 6U | b;
}

// Fields of a concatenation start at multiples of four bytes.
using Field = std::array<std::uint8_t, 4>;
using KeyByPort = std::array<Field, 2>;  // protocol, port

/// An address as it travels, then protocol and port.
template <typename Address>
struct KeyByAddress {
  std::array<std::uint8_t, sizeof(Address)> address{};
  KeyByPort port{};
};
template <typename Address>
struct Target {
  std::array<std::uint8_t, sizeof(Address)> address{};
  Field port{};
};

template <typename Address>
constexpr auto family_of =
    sizeof(Address) == sizeof(Ipv4) ? Family::ipv4 : Family::ipv6;

template <typename Address>
bool is_any(const Address& address) {
  return address == Address{};
}

Field field(std::uint8_t protocol) {
  return {protocol, 0, 0, 0};
}

Field field(std::uint16_t port) {
  return {static_cast<std::uint8_t>(port >> 8U),
          static_cast<std::uint8_t>(port & 0xffU), 0, 0};
}

std::uint16_t port_of(const Field& field) {
  return static_cast<std::uint16_t>(field[0] << 8U | field[1]);
}

Table new_table(const std::string& name) {
  auto table = owned<Table>(nftnl_table_alloc());
  nftnl_table_set_str(table.get(), NFTNL_TABLE_NAME, name.c_str());
  return table;
}

Set new_set(const std::string& table, const char* name) {
  auto set = owned<Set>(nftnl_set_alloc());
  nftnl_set_set_str(set.get(), NFTNL_SET_TABLE, table.c_str());
  nftnl_set_set_str(set.get(), NFTNL_SET_NAME, name);
  return set;
}

template <typename Address>
void add_element(nftnl_set* set, const BasicPortMapping<Address>& mapping,
                 bool with_data) {
  nftnl_set_elem* element = nftnl_set_elem_alloc();
  if (element == nullptr) {
    throw std::bad_alloc();
  }
  const KeyByAddress<Address> key{
      .address = mapping.host_ip.bytes(),
      .port = {field(mapping.protocol), field(mapping.host_port)}};
  if (is_any(mapping.host_ip)) {
    nftnl_set_elem_set(element, NFTNL_SET_ELEM_KEY, key.port.data(),
                       sizeof key.port);
  } else {
    nftnl_set_elem_set(element, NFTNL_SET_ELEM_KEY, &key, sizeof key);
  }
  if (with_data) {
    const Target<Address> to{.address = mapping.target.bytes(),
                             .port = field(mapping.target_port)};
    nftnl_set_elem_set(element, NFTNL_SET_ELEM_DATA, &to, sizeof to);
  }
  nftnl_set_elem_add(set, element);  // the set owns it now
}

/// One element of either map; nothing if it is not of the shape we write.
template <typename Address>
std::optional<BasicPortMapping<Address>> read_element(nftnl_set_elem* element) {
  std::uint32_t key_size = 0;
  std::uint32_t data_size = 0;
  const void* raw_key =
      nftnl_set_elem_get(element, NFTNL_SET_ELEM_KEY, &key_size);
  const void* data =
      nftnl_set_elem_get(element, NFTNL_SET_ELEM_DATA, &data_size);
  Target<Address> target;
  KeyByAddress<Address> key;  // without an address, that of 0.0.0.0
  if (raw_key == nullptr || data == nullptr || data_size != sizeof target ||
      (key_size != sizeof key && key_size != sizeof key.port)) {
    return std::nullopt;
  }
  std::memcpy(&target, data, sizeof target);
  if (key_size == sizeof key) {
    std::memcpy(&key, raw_key, sizeof key);
  } else {
    std::memcpy(key.port.data(), raw_key, sizeof key.port);
  }
  return BasicPortMapping<Address>{
      .host_ip = Address::from_bytes(key.address.data()),
      .protocol = key.port[0][0],
      .host_port = port_of(key.port[1]),
      .target = Address::from_bytes(target.address.data()),
      .target_port = port_of(target.port)};
}

template <typename Address>
int read_elements(nftnl_set* set,
                  std::vector<BasicPortMapping<Address>>& into) {
  return nftnl_set_elem_foreach(
      set,
      [](nftnl_set_elem* element, void* out) {
        if (const auto mapping = read_element<Address>(element)) {
          static_cast<std::vector<BasicPortMapping<Address>>*>(out)->push_back(
              *mapping);
        }
        return 0;
      },
      &into);
}

}  // namespace

NftBatch::NftBatch() {
  nft_header(batch_.begin(NFNL_MSG_BATCH_BEGIN, NLM_F_REQUEST, "begin"),
             family_, NFNL_SUBSYS_NFTABLES);
}

nlmsghdr* NftBatch::begin(int type, std::uint16_t flags, const char* doing) {
  last_ = nft_header(
      batch_.begin(nft_type(type),
                   static_cast<std::uint16_t>(NLM_F_REQUEST | flags), doing),
      family_);
  return last_;
}

void NftBatch::add_table(const std::string& table) {
  const Table made = new_table(table);
  nftnl_table_nlmsg_build_payload(
      begin(NFT_MSG_NEWTABLE, NLM_F_CREATE, "add the table"), made.get());
}

void NftBatch::delete_table(const std::string& table) {
  const Table old = new_table(table);
  nftnl_table_nlmsg_build_payload(
      begin(NFT_MSG_DELTABLE, 0, "delete the table"), old.get());
}

void NftBatch::add_chain(const std::string& table, const NftChain& chain) {
  const auto made = owned<Chain>(nftnl_chain_alloc());
  nftnl_chain_set_str(made.get(), NFTNL_CHAIN_TABLE, table.c_str());
  nftnl_chain_set_str(made.get(), NFTNL_CHAIN_NAME, chain.name.c_str());
  if (chain.type != nullptr) {
    nftnl_chain_set_str(made.get(), NFTNL_CHAIN_TYPE, chain.type);
    nftnl_chain_set_u32(made.get(), NFTNL_CHAIN_HOOKNUM, chain.hook);
    nftnl_chain_set_s32(made.get(), NFTNL_CHAIN_PRIO, chain.priority);
    nftnl_chain_set_u32(made.get(), NFTNL_CHAIN_POLICY, NF_ACCEPT);
    if (!chain.device.empty()) {
      nftnl_chain_set_str(made.get(), NFTNL_CHAIN_DEV, chain.device.c_str());
    }
  }
  nftnl_chain_nlmsg_build_payload(
      begin(NFT_MSG_NEWCHAIN, NLM_F_CREATE, "add a chain"), made.get());
}

void NftBatch::delete_chain(const std::string& table,
                            const std::string& chain) {
  const auto old = owned<Chain>(nftnl_chain_alloc());
  nftnl_chain_set_str(old.get(), NFTNL_CHAIN_TABLE, table.c_str());
  nftnl_chain_set_str(old.get(), NFTNL_CHAIN_NAME, chain.c_str());
  nftnl_chain_nlmsg_build_payload(begin(NFT_MSG_DELCHAIN, 0, "delete a chain"),
                                  old.get());
}

void NftBatch::add_rule(const NftRule& rule, Place place) {
  const std::uint16_t append = place == Place::last ? NLM_F_APPEND : 0;
  set_family(
      static_cast<Family>(nftnl_rule_get_u32(rule.get(), NFTNL_RULE_FAMILY)));
  nftnl_rule_nlmsg_build_payload(
      begin(NFT_MSG_NEWRULE, NLM_F_CREATE | append, "add a rule"), rule.get());
}

void NftBatch::delete_rule(const std::string& table, const std::string& chain,
                           std::uint64_t handle) {
  const NftRule rule(table, chain);
  nftnl_rule_set_u64(rule.get(), NFTNL_RULE_HANDLE, handle);
  nftnl_rule_nlmsg_build_payload(begin(NFT_MSG_DELRULE, 0, "delete a rule"),
                                 rule.get());
}

void NftBatch::add_port_maps(const std::string& table) {
  std::uint32_t id = 0;
  const bool v6 = family_ == Family::ipv6;
  const std::uint32_t address = v6 ? type_address_v6 : type_address;
  const std::uint32_t address_size = v6 ? sizeof(Ipv6) : sizeof(Ipv4);
  const auto add = [&](const char* name, std::uint32_t type,
                       std::uint32_t size) {
    const Set set = new_set(table, name);
    nftnl_set_set_u32(set.get(), NFTNL_SET_ID, ++id);
    nftnl_set_set_u32(set.get(), NFTNL_SET_FAMILY,
                      static_cast<std::uint32_t>(family_));
    nftnl_set_set_u32(set.get(), NFTNL_SET_FLAGS, NFT_SET_MAP);
    nftnl_set_set_u32(set.get(), NFTNL_SET_KEY_TYPE, type);
    nftnl_set_set_u32(set.get(), NFTNL_SET_KEY_LEN, size);
    nftnl_set_set_u32(set.get(), NFTNL_SET_DATA_TYPE,
                      concatenated(address, type_port));
    nftnl_set_set_u32(set.get(), NFTNL_SET_DATA_LEN,
                      address_size + static_cast<std::uint32_t>(sizeof(Field)));
    nftnl_set_nlmsg_build_payload(
        begin(NFT_MSG_NEWSET, NLM_F_CREATE, "add a map"), set.get());
  };
  add(map_by_address,
      concatenated(concatenated(address, type_protocol), type_port),
      address_size + static_cast<std::uint32_t>(sizeof(KeyByPort)));
  add(map_by_port, concatenated(type_protocol, type_port), sizeof(KeyByPort));
}

template <typename Mapping>
void NftBatch::mappings(const std::string& table, std::span<const Mapping> all,
                        int type, std::uint16_t flags, const char* doing) {
  set_family(family_of<decltype(Mapping::target)>);
  // As many as surely fit into one message, 64 bytes being enough for each.
  constexpr std::size_t at_once = NetlinkBatch::room / 128;
  for (const bool everywhere : {false, true}) {
    std::size_t count = 0;
    Set set;
    const auto put = [&] {
      if (count > 0) {
        nftnl_set_elems_nlmsg_build_payload(begin(type, flags, doing),
                                            set.get());
      }
      count = 0;
      set = new_set(table, everywhere ? map_by_port : map_by_address);
    };
    put();
    for (const Mapping& mapping : all) {
      if (is_any(mapping.host_ip) == everywhere) {
        add_element(set.get(), mapping, type == NFT_MSG_NEWSETELEM);
        if (++count == at_once) {
          put();
        }
      }
    }
    put();
  }
}

void NftBatch::add_mappings(const std::string& table,
                            std::span<const PortMapping> all) {
  mappings(table, all, NFT_MSG_NEWSETELEM, NLM_F_CREATE | NLM_F_EXCL,
           "publish a port");
}

void NftBatch::add_mappings(const std::string& table,
                            std::span<const PortMapping6> all) {
  mappings(table, all, NFT_MSG_NEWSETELEM, NLM_F_CREATE | NLM_F_EXCL,
           "publish a port");
}

void NftBatch::delete_mappings(const std::string& table,
                               std::span<const PortMapping> all) {
  mappings(table, all, NFT_MSG_DELSETELEM, 0, "unpublish a port");
}

void NftBatch::delete_mappings(const std::string& table,
                               std::span<const PortMapping6> all) {
  mappings(table, all, NFT_MSG_DELSETELEM, 0, "unpublish a port");
}

sys::Result<void> NftBatch::commit(NetlinkSocket& socket) {
  if (last_ == nullptr) {
    return {};
  }
  // Errors are always told; one acknowledgement is enough for the rest.
  last_->nlmsg_flags |= NLM_F_ACK;
  last_ = nullptr;
  nft_header(batch_.begin(NFNL_MSG_BATCH_END, NLM_F_REQUEST, "end"), family_,
             NFNL_SUBSYS_NFTABLES);
  return socket.transact(batch_);
}

namespace {

template <typename Address>
std::optional<std::vector<BasicPortMapping<Address>>> list_all(
    NetlinkSocket& socket, const std::string& table) {
  std::vector<BasicPortMapping<Address>> found;
  for (const char* name : {NftBatch::map_by_address, NftBatch::map_by_port}) {
    NetlinkBatch batch;
    const Set set = new_set(table, name);
    nftnl_set_elems_nlmsg_build_payload(
        nft_header(batch.begin(nft_type(NFT_MSG_GETSETELEM),
                               NLM_F_REQUEST | NLM_F_DUMP, "list the map"),
                   family_of<Address>),
        set.get());
    const auto answer = socket.ask(batch);
    if (!answer && answer.error().code == ENOENT) {
      return std::nullopt;
    }
    each_message(must(answer, "list the published ports of " + table),
                 [&](const nlmsghdr& message) {
                   const Set part = owned<Set>(nftnl_set_alloc());
                   nftnl_set_elems_nlmsg_parse(&message, part.get());
                   read_elements<Address>(part.get(), found);
                 });
  }
  return found;
}

}  // namespace

std::optional<std::vector<PortMapping>> list_mappings(
    NetlinkSocket& socket, const std::string& table) {
  return list_all<Ipv4>(socket, table);
}

std::optional<std::vector<PortMapping6>> list_mappings6(
    NetlinkSocket& socket, const std::string& table) {
  return list_all<Ipv6>(socket, table);
}

}  // namespace docker_cpp::network
