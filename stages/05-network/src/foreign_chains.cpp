// SPDX-License-Identifier: Apache-2.0
#include "foreign_chains.hpp"

#include <arpa/inet.h>
#include <libnftnl/expr.h>
#include <libnftnl/rule.h>
#include <libnftnl/udata.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>

#include "nft_messages.hpp"

#include "docker_cpp/sys/error.hpp"

namespace docker_cpp::network {
namespace {

std::string text(const char* value) {
  return value == nullptr ? "" : value;
}

std::string comment_in(const nftnl_rule* rule) {
  std::uint32_t size = 0;
  const auto* data = static_cast<const char*>(
      nftnl_rule_get_data(rule, NFTNL_RULE_USERDATA, &size));
  // type, length, text with its zero byte: libnftnl's udata
  if (data == nullptr || size < 4 || data[0] != NFTNL_UDATA_RULE_COMMENT) {
    return "";
  }
  const std::string_view all(data + 2, size - 2);
  return std::string(all.substr(0, all.find('\0')));
}

/// What a rule comes to, where it has no condition.
enum class End : std::uint8_t { none, no, back };

End end_of(nftnl_expr* expression, const std::string& name) {
  if (name == "reject") {
    return End::no;
  }
  if (name == "immediate") {
    const auto verdict = static_cast<int>(
        nftnl_expr_get_u32(expression, NFTNL_EXPR_IMM_VERDICT));
    return verdict == NF_DROP      ? End::no
           : verdict == NFT_RETURN ? End::back
                                   : End::none;
  }
  // As iptables-nft writes what has no word of nftables' own.
  const bool reject =
      name == "target" &&
      text(nftnl_expr_get_str(expression, NFTNL_EXPR_TG_NAME)) == "REJECT";
  return reject ? End::no : End::none;
}

/// Nothing but an end, and what only watches.
End end_of(nftnl_rule* rule) {
  struct Seen {
    End end = End::none;
    bool condition = false;
  } seen;
  nftnl_expr_foreach(
      rule,
      [](nftnl_expr* one, void* out) {
        const std::string name = text(nftnl_expr_get_str(one, NFTNL_EXPR_NAME));
        auto* told = static_cast<Seen*>(out);
        if (const End end = end_of(one, name); end != End::none) {
          told->end = end;
        } else if (name != "counter" && name != "log") {
          told->condition = true;
        }
        return 0;
      },
      &seen);
  return seen.condition ? End::none : seen.end;
}

std::vector<char> list(NetlinkSocket& socket, NetlinkBatch& batch) {
  // A listing is torn when something changed meanwhile: then it is asked anew.
  for (int attempt = 0;; ++attempt) {
    auto answer = socket.ask(batch);
    if (answer || answer.error().code != EINTR || attempt == 10) {
      return must(std::move(answer), "look through the firewall");
    }
  }
}

/// Ours and others'.
std::vector<ForeignChain> all_chains(NetlinkSocket& socket) {
  NetlinkBatch batch;
  nft_header(batch.begin(nft_type(NFT_MSG_GETCHAIN), NLM_F_REQUEST | NLM_F_DUMP,
                         "list the chains"),
             Family::any);
  std::vector<ForeignChain> out;
  each_message(list(socket, batch), [&](const nlmsghdr& message) {
    const auto chain = owned<Chain>(nftnl_chain_alloc());
    if (nftnl_chain_nlmsg_parse(&message, chain.get()) != 0) {
      return;
    }
    const nftnl_chain* one = chain.get();
    const bool based = nftnl_chain_is_set(one, NFTNL_CHAIN_HOOKNUM);
    ForeignChain found{
        .family =
            static_cast<Family>(nftnl_chain_get_u32(one, NFTNL_CHAIN_FAMILY)),
        .table = text(nftnl_chain_get_str(one, NFTNL_CHAIN_TABLE)),
        .name = text(nftnl_chain_get_str(one, NFTNL_CHAIN_NAME)),
        .forwards =
            based &&
            nftnl_chain_get_u32(one, NFTNL_CHAIN_HOOKNUM) == NF_INET_FORWARD &&
            text(nftnl_chain_get_str(one, NFTNL_CHAIN_TYPE)) == "filter"};
    found.drops_rest = found.forwards &&
                       nftnl_chain_is_set(one, NFTNL_CHAIN_POLICY) &&
                       nftnl_chain_get_u32(one, NFTNL_CHAIN_POLICY) == NF_DROP;
    out.push_back(std::move(found));
  });
  return out;
}

}  // namespace

std::vector<ForeignChain> foreign_chains(NetlinkSocket& socket) {
  std::vector<ForeignChain> chains = all_chains(socket);
  std::erase_if(chains, [](const ForeignChain& chain) {
    const bool of_ip = chain.family == Family::ipv4 ||
                       chain.family == Family::ipv6 ||
                       chain.family == Family::inet;
    return !of_ip || chain.table.starts_with(our_tables);
  });
  return chains;
}

bool operator_chain_is_idle(NetlinkSocket& socket, const std::string& table) {
  bool idle = false;
  for (const ForeignChain& chain : all_chains(socket)) {
    if (chain.table == operator_table) {
      idle = chain.name == operator_chain && !chain.drops_rest &&
             rules_of(socket, chain).empty();
      if (!idle) {
        return false;
      }
    } else if (chain.table.starts_with(our_tables) && chain.table != table) {
      return false;
    }
  }
  return idle;
}

std::vector<ForeignRule> rules_of(NetlinkSocket& socket,
                                  const ForeignChain& chain) {
  NetlinkBatch batch;
  const NftRule question(chain.table, chain.name, chain.family);
  nftnl_rule_nlmsg_build_payload(
      nft_header(batch.begin(nft_type(NFT_MSG_GETRULE),
                             NLM_F_REQUEST | NLM_F_DUMP, "list the rules"),
                 chain.family),
      question.get());
  std::vector<ForeignRule> out;
  each_message(list(socket, batch), [&](const nlmsghdr& message) {
    const NftRule rule(chain.table, chain.name, chain.family);
    if (nftnl_rule_nlmsg_parse(&message, rule.get()) == 0) {
      const End end = end_of(rule.get());
      out.push_back(
          {.handle = nftnl_rule_get_u64(rule.get(), NFTNL_RULE_HANDLE),
           .comment = comment_in(rule.get()),
           .ends = end != End::none,
           .says_no = end == End::no});
    }
  });
  return out;
}

std::string comment_of(const nlmsghdr& rule) {
  const NftRule parsed("", "");
  return nftnl_rule_nlmsg_parse(&rule, parsed.get()) == 0
             ? comment_in(parsed.get())
             : "";
}

bool has_operator_chain(NetlinkSocket& socket) {
  NetlinkBatch batch;
  const auto wanted = owned<Chain>(nftnl_chain_alloc());
  nftnl_chain_set_str(wanted.get(), NFTNL_CHAIN_TABLE, operator_table);
  nftnl_chain_set_str(wanted.get(), NFTNL_CHAIN_NAME, operator_chain);
  nftnl_chain_nlmsg_build_payload(
      nft_header(batch.begin(nft_type(NFT_MSG_GETCHAIN), NLM_F_REQUEST,
                             "find the operator's chain"),
                 Family::inet),
      wanted.get());
  return socket.ask(batch).has_value();
}

}  // namespace docker_cpp::network
