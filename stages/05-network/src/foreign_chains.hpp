// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "docker_cpp/network/netlink.hpp"
#include "docker_cpp/network/nft_rule.hpp"

/// Chains of other people's that forwarded packets pass as well: an accept of
/// ours does not help a packet that one of these drops.
namespace docker_cpp::network {

/// All tables of ours begin so.
inline constexpr std::string_view our_tables = "docker-cpp-";

struct ForeignChain {
  Family family = Family::ipv4;
  std::string table;
  std::string name;
  bool forwards = false;    ///< a filter at the forward hook
  bool drops_rest = false;  ///< its policy
  /// Docker's promise to leave a chain of this name to others.
  [[nodiscard]] bool is_docker_user() const { return name == "DOCKER-USER"; }
};

struct ForeignRule {
  std::uint64_t handle = 0;
  std::string comment;
  /// Whatever comes, it goes no further: to a drop, a reject, or a return.
  bool ends = false;
  bool says_no = false;  ///< and not to a return
};

/// Ours left out.
[[nodiscard]] std::vector<ForeignChain> foreign_chains(NetlinkSocket& socket);
[[nodiscard]] std::vector<ForeignRule> rules_of(NetlinkSocket& socket,
                                                const ForeignChain& chain);

/// What is said in a rule's message; empty for none.
[[nodiscard]] std::string comment_of(const nlmsghdr& rule);

/// The operator's own chain, `inet docker-cpp-user DOCKER-USER`, through which
/// everything passes before our rules. We make it and never touch it again.
inline constexpr const char* operator_table = "docker-cpp-user";
inline constexpr const char* operator_chain = "DOCKER-USER";
[[nodiscard]] bool has_operator_chain(NetlinkSocket& socket);
/// It is there, nobody has put anything into it, and no other network of ours
/// than that of `table` is left.
[[nodiscard]] bool operator_chain_is_idle(NetlinkSocket& socket,
                                          const std::string& table);

}  // namespace docker_cpp::network
