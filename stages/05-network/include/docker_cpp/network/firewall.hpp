// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "docker_cpp/network/ipv4.hpp"
#include "docker_cpp/network/netlink.hpp"
#include "docker_cpp/network/nft_batch.hpp"

namespace docker_cpp::network {

struct ForeignChain;

/// The nftables table of one bridge: `ip docker-cpp-BRIDGE`, and with IPv6 the
/// same in `ip6`.
///
/// Its rules never change while containers come and go: published ports are
/// elements of two maps, so a packet costs the same with one port and with ten
/// thousand. docs/formats/firewall.md shows the table and says what each rule
/// is for. Not thread safe.
class Firewall {
 public:
  struct Options {
    std::string bridge;
    std::optional<Subnet> subnet;
    std::optional<Subnet6> subnet6;
    bool masquerade = true;
    bool internal = false;
    bool isolate_members = false;
  };

  /// Touches nothing yet. Of the calling thread's network namespace.
  explicit Firewall(Options options);

  /// The published ports in the kernel now; none if there is no table.
  [[nodiscard]] std::vector<PortMapping> mappings();
  [[nodiscard]] std::vector<PortMapping6> mappings6();

  /// Makes the table anew with exactly these ports, between two packets.
  void rebuild(std::span<const PortMapping> mappings,
               std::span<const PortMapping6> mappings6 = {});

  /// Both are one transaction; remove() tolerates what is gone already.
  void add(std::span<const PortMapping> mappings,
           std::span<const PortMapping6> mappings6 = {});
  void remove(std::span<const PortMapping> mappings,
              std::span<const PortMapping6> mappings6 = {});

  /// Removes all that is ours.
  void destroy();

  /// Readable when something changed.
  [[nodiscard]] int change_fd() const noexcept { return changes_.fd(); }
  /// What this socket changes is no news.
  void trust(std::uint32_t port) { trusted_ = port; }
  /// Reads what changed: did anybody else take from our table, or was a chain
  /// added that we ought to have rules in?
  [[nodiscard]] bool needs_rebuild();

  [[nodiscard]] const std::string& table() const noexcept { return table_; }

 private:
  template <typename Network>
  void add_rules(NftBatch& batch, const Network& subnet,
                 const Network& loopback) const;
  void add_forward_rules(NftBatch& batch, Family family) const;
  template <typename Mapping>
  void remove_one_by_one(std::span<const Mapping> mappings);
  void add_operators_chain(NftBatch& batch);
  void let_through(NftBatch& batch);
  void add_guest(NftBatch& batch, const ForeignChain& chain,
                 std::uint64_t before) const;
  void remove_guests(NftBatch& batch);
  [[nodiscard]] bool concerns_us(const nlmsghdr& message) const;
  [[nodiscard]] bool is_of_ours(Family family) const noexcept;

  Options options_;
  std::string table_;
  NetlinkSocket socket_;
  NetlinkSocket changes_;
  std::uint32_t trusted_ = 0;
  /// Others' chains at the forward hook, "table chain", when last looked at.
  std::set<std::string> watched_;
};

}  // namespace docker_cpp::network
