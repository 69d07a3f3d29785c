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
  std::string device;  ///< of a chain of the family netdev
};

/// From a port of this host to a port of a container.
template <typename Address>
struct BasicPortMapping {
  Address host_ip;            ///< 0.0.0.0, ::: any of this host's addresses
  std::uint8_t protocol = 0;  ///< IPPROTO_…
  std::uint16_t host_port = 0;
  Address target;
  std::uint16_t target_port = 0;

  auto operator<=>(const BasicPortMapping&) const = default;
};
using PortMapping = BasicPortMapping<Ipv4>;
using PortMapping6 = BasicPortMapping<Ipv6>;

/// Changes to tables of the families `ip` and `ip6` that the kernel makes all
/// at once, or not at all: between two packets. Not thread safe.
class NftBatch {
 public:
  NftBatch();

  /// Of the tables that are meant from here on; rules know theirs.
  void set_family(Family family) { family_ = family; }

  void add_table(const std::string& table);
  void delete_table(const std::string& table);
  void add_chain(const std::string& table, const NftChain& chain);
  void delete_chain(const std::string& table, const std::string& chain);
  enum class Place { first, last };
  void add_rule(const NftRule& rule, Place place = Place::last);
  /// Of the family that is set.
  void delete_rule(const std::string& table, const std::string& chain,
                   std::uint64_t handle);

  /// The two maps of a table that tell where published ports lead: one by
  /// address and port, one by port alone.
  void add_port_maps(const std::string& table);
  void add_mappings(const std::string& table,
                    std::span<const PortMapping> mappings);
  void add_mappings(const std::string& table,
                    std::span<const PortMapping6> mappings);
  void delete_mappings(const std::string& table,
                       std::span<const PortMapping> mappings);
  void delete_mappings(const std::string& table,
                       std::span<const PortMapping6> mappings);

  /// `socket` speaks NETLINK_NETFILTER.
  [[nodiscard]] sys::Result<void> commit(NetlinkSocket& socket);

  static constexpr const char* map_by_address = "published";
  static constexpr const char* map_by_port = "published_everywhere";

 private:
  nlmsghdr* begin(int type, std::uint16_t flags, const char* doing);
  template <typename Mapping>
  void mappings(const std::string& table, std::span<const Mapping> all,
                int type, std::uint16_t flags, const char* doing);

  NetlinkBatch batch_;
  nlmsghdr* last_ = nullptr;
  Family family_ = Family::ipv4;
};

/// What the maps of a table hold now; nothing if there is no such table.
[[nodiscard]] std::optional<std::vector<PortMapping>> list_mappings(
    NetlinkSocket& socket, const std::string& table);

[[nodiscard]] std::optional<std::vector<PortMapping6>> list_mappings6(
    NetlinkSocket& socket, const std::string& table);

}  // namespace docker_cpp::network
