// SPDX-License-Identifier: Apache-2.0
#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter_ipv4.h>

#include <algorithm>
#include <utility>

#include "foreign_chains.hpp"

#include "docker_cpp/network/firewall.hpp"
#include "docker_cpp/sys/error.hpp"

/// Beside Docker, firewalld, ufw and whoever else has chains of his own: two
/// rules of ours as guests where what is ours would be dropped.
namespace docker_cpp::network {
namespace {

std::string attribute_text(const nlmsghdr& message, int wanted) {
  std::string text;
  each_attribute(message, sizeof(nfgenmsg), [&](const nlattr& attribute) {
    if (mnl_attr_get_type(&attribute) == wanted) {
      text = mnl_attr_get_str(&attribute);
    }
  });
  return text;
}

bool has_attribute(const nlmsghdr& message, int wanted) {
  bool found = false;
  each_attribute(message, sizeof(nfgenmsg), [&](const nlattr& attribute) {
    found |= mnl_attr_get_type(&attribute) == wanted;
  });
  return found;
}

/// Docker sets the policy of FORWARD to drop, and offers this chain instead.
bool docker_offers(const std::vector<ForeignChain>& chains,
                   const ForeignChain& one) {
  return std::ranges::any_of(chains, [&](const ForeignChain& other) {
    return other.is_docker_user() && other.family == one.family &&
           other.table == one.table;
  });
}

}  // namespace

bool Firewall::is_of_ours(Family family) const noexcept {
  return family == Family::inet ||
         (family == Family::ipv4 && options_.subnet.has_value()) ||
         (family == Family::ipv6 && options_.subnet6.has_value());
}

void Firewall::add_guest(NftBatch& batch, const ForeignChain& chain,
                         std::uint64_t before) const {
  // In the words of iptables-nft, which refuses tables it cannot read.
  const auto add = [&](bool from) {
    NftRule rule(chain.table, chain.name, chain.family);
    if (from) {
      rule.from_link(options_.bridge);
    } else {
      rule.to_link(options_.bridge);
    }
    rule.count().accept().comment(table_);
    // As late as it helps: what the chain's owner says before that holds.
    if (before != 0) {
      rule.before(before);
    }
    batch.add_rule(
        rule, before != 0 ? NftBatch::Place::first : NftBatch::Place::last);
  };
  add(true);
  add(false);
}

/// Where what we let through would be dropped by somebody else.
void Firewall::let_through(NftBatch& batch) {
  const auto chains = foreign_chains(socket_);
  watched_.clear();
  for (const ForeignChain& chain : chains) {
    if (!is_of_ours(chain.family) ||
        (!chain.forwards && !chain.is_docker_user())) {
      continue;
    }
    watched_.insert(chain.table + " " + chain.name);
    if (!chain.is_docker_user() && docker_offers(chains, chain)) {
      continue;
    }
    const auto rules = rules_of(socket_, chain);
    const bool there = std::ranges::any_of(
        rules, [&](const ForeignRule& rule) { return rule.comment == table_; });
    const ForeignRule last = rules.empty() ? ForeignRule{} : rules.back();
    if (!there &&
        (chain.is_docker_user() || chain.drops_rest || last.says_no)) {
      add_guest(batch, chain, last.ends ? last.handle : 0);
    }
  }
}

/// Once, and never again: what is in it, its policy too, is the operator's.
void Firewall::add_operators_chain(NftBatch& batch) {
  if (!has_operator_chain(socket_)) {
    batch.set_family(Family::inet);
    batch.add_table(operator_table);
    batch.add_chain(operator_table, {.name = operator_chain,
                                     .type = "filter",
                                     .hook = NF_INET_FORWARD,
                                     .priority = NF_IP_PRI_FILTER - 1});
  }
}

void Firewall::remove_guests(NftBatch& batch) {
  if (operator_chain_is_idle(socket_, table_)) {
    batch.set_family(Family::inet);
    batch.delete_table(operator_table);
  }
  for (const ForeignChain& chain : foreign_chains(socket_)) {
    if (!chain.forwards && !chain.is_docker_user()) {
      continue;
    }
    for (const ForeignRule& rule : rules_of(socket_, chain)) {
      if (rule.comment == table_) {
        batch.set_family(chain.family);
        batch.delete_rule(chain.table, chain.name, rule.handle);
      }
    }
  }
}

/// Did somebody else take from what is ours, or make a chain that may stop it?
bool Firewall::concerns_us(const nlmsghdr& message) const {
  const int type = message.nlmsg_type & 0xff;
  // The name of the table is attribute 1 of all that is told.
  const std::string table = attribute_text(message, NFTA_TABLE_NAME);
  const bool others = !table.starts_with(our_tables);
  switch (type) {
    case NFT_MSG_DELTABLE:
    case NFT_MSG_DELCHAIN:
      return table == table_ || table == operator_table;
    case NFT_MSG_DELSETELEM:
      return table == table_;
    case NFT_MSG_DELRULE:
      return table == table_ || (others && comment_of(message) == table_);
    case NFT_MSG_NEWCHAIN:
      return others &&
             (has_attribute(message, NFTA_CHAIN_HOOK) ||
              attribute_text(message, NFTA_CHAIN_NAME) == "DOCKER-USER");
    case NFT_MSG_NEWRULE:
      return others &&
             watched_.contains(table + " " +
                               attribute_text(message, NFTA_RULE_CHAIN)) &&
             !comment_of(message).starts_with(our_tables);
    default:
      return false;
  }
}

bool Firewall::needs_rebuild() {
  const auto events = changes_.pending();
  if (!events) {
    return true;  // ENOBUFS: more happened than we can know
  }
  bool needed = false;
  each_message(*events, [&](const nlmsghdr& message) {
    needed |= message.nlmsg_pid != socket_.port() &&
              (trusted_ == 0 || message.nlmsg_pid != trusted_) &&
              message.nlmsg_type >> 8 == NFNL_SUBSYS_NFTABLES &&
              concerns_us(message);
  });
  return needed;
}

}  // namespace docker_cpp::network
