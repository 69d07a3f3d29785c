// SPDX-License-Identifier: Apache-2.0
#include <libnftnl/rule.h>
#include <linux/netfilter/nf_tables.h>

#include <cstring>

#include "nft_messages.hpp"

#include "docker_cpp/network/nft_batch.hpp"
#include "docker_cpp/sys/error.hpp"

namespace docker_cpp::network {
namespace {

bool has_comment(const nftnl_rule* rule, const std::string& comment) {
  std::uint32_t size = 0;
  const void* data = nftnl_rule_get_data(rule, NFTNL_RULE_USERDATA, &size);
  // type, length, text with its zero byte: libnftnl's udata
  return data != nullptr && size == comment.size() + 3 &&
         std::memcmp(static_cast<const char*>(data) + 2, comment.c_str(),
                     comment.size() + 1) == 0;
}

}  // namespace

std::optional<std::vector<std::uint64_t>> find_rules(
    NetlinkSocket& socket, const std::string& table, const std::string& chain,
    const std::string& comment) {
  NetlinkBatch asked_chain;
  const auto wanted = owned<Chain>(nftnl_chain_alloc());
  nftnl_chain_set_str(wanted.get(), NFTNL_CHAIN_TABLE, table.c_str());
  nftnl_chain_set_str(wanted.get(), NFTNL_CHAIN_NAME, chain.c_str());
  nftnl_chain_nlmsg_build_payload(
      nft_header(asked_chain.begin(nft_type(NFT_MSG_GETCHAIN), NLM_F_REQUEST,
                                   "find the chain"),
                 Family::ipv4),
      wanted.get());
  const auto there = socket.ask(asked_chain);
  if (!there && there.error().code == ENOENT) {
    return std::nullopt;
  }
  must(there, "look for the chain " + chain);
  NetlinkBatch batch;
  const NftRule question(table, chain);
  nftnl_rule_nlmsg_build_payload(
      nft_header(batch.begin(nft_type(NFT_MSG_GETRULE),
                             NLM_F_REQUEST | NLM_F_DUMP, "list the rules"),
                 Family::ipv4),
      question.get());
  std::vector<std::uint64_t> handles;
  each_message(
      must(socket.ask(batch), "list the rules of " + chain),
      [&](const nlmsghdr& message) {
        const NftRule rule(table, chain);
        if (nftnl_rule_nlmsg_parse(&message, rule.get()) == 0 &&
            has_comment(rule.get(), comment)) {
          handles.push_back(nftnl_rule_get_u64(rule.get(), NFTNL_RULE_HANDLE));
        }
      });
  return handles;
}

}  // namespace docker_cpp::network
