// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "docker_cpp/network/ipv4.hpp"
#include "docker_cpp/network/netlink.hpp"
#include "docker_cpp/network/nft_rule.hpp"

namespace docker_cpp::network {

/// A chain; one with a hook is where the kernel hands packets in.
struct NftChain {
  std::string name;
  const char* type = nullptr;  ///< "filter" or "nat"; null: only jumped to
  std::uint32_t hook = 0;      ///< NF_INET_…
  std::int32_t priority = 0;
};

/// From a port of this host to a port of a container.
struct PortMapping {
  Ipv4 host_ip;               ///< 0.0.0.0: whichever of this host's addresses
  std::uint8_t protocol = 0;  ///< IPPROTO_…
  std::uint16_t host_port = 0;
  Ipv4 target;
  std::uint16_t target_port = 0;

  auto operator<=>(const PortMapping&) const = default;
};

/// Changes to tables of the family `ip` that the kernel makes all at once, or
/// not at all: between two packets. Not thread safe.
class NftBatch {
 public:
  NftBatch();

  void add_table(const std::string& table);
  void delete_table(const std::string& table);
  void add_chain(const std::string& table, const NftChain& chain);
  enum class Place { first, last };
  void add_rule(const NftRule& rule, Place place = Place::last);
  void delete_rule(const std::string& table, const std::string& chain,
                   std::uint64_t handle);

  /// The two maps of a table that tell where published ports lead: one by
  /// address and port, one by port alone.
  void add_port_maps(const std::string& table);
  void add_mappings(const std::string& table,
                    std::span<const PortMapping> mappings);
  void delete_mappings(const std::string& table,
                       std::span<const PortMapping> mappings);

  /// `socket` speaks NETLINK_NETFILTER.
  [[nodiscard]] sys::Result<void> commit(NetlinkSocket& socket);

  static constexpr const char* map_by_address = "published";
  static constexpr const char* map_by_port = "published_everywhere";

 private:
  nlmsghdr* begin(int type, std::uint16_t flags, const char* doing);
  void mappings(const std::string& table, std::span<const PortMapping> all,
                int type, std::uint16_t flags, const char* doing);

  NetlinkBatch batch_;
  nlmsghdr* last_ = nullptr;
};

/// What the maps of a table hold now; nothing if there is no such table.
[[nodiscard]] std::optional<std::vector<PortMapping>> list_mappings(
    NetlinkSocket& socket, const std::string& table);

/// The handles of the rules of a chain that carry a comment; nothing if there
/// is no such chain.
[[nodiscard]] std::optional<std::vector<std::uint64_t>> find_rules(
    NetlinkSocket& socket, const std::string& table, const std::string& chain,
    const std::string& comment);

}  // namespace docker_cpp::network
