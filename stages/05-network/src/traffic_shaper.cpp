// SPDX-License-Identifier: Apache-2.0
#include "traffic_shaper.hpp"

#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter.h>
#include <linux/netlink.h>
#include <linux/pkt_sched.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "link_messages.hpp"

#include "docker_cpp/network/nft_batch.hpp"
#include "docker_cpp/sys/error.hpp"

namespace docker_cpp::network {
namespace {

std::uint32_t clamp(std::uint64_t bytes) {
  return static_cast<std::uint32_t>(
      std::min<std::uint64_t>(bytes, std::numeric_limits<std::int32_t>::max()));
}

/// A packet that the kernel has not cut yet may have 64 KiB.
constexpr std::uint64_t longest_packet = 65536;

nlmsghdr* put_root_queue(NetlinkBatch& batch, const Link& link,
                         std::uint16_t type, std::uint16_t flags,
                         int tolerated) {
  nlmsghdr* message =
      batch.begin(type, flags, "set the link's queue", tolerated);
  auto* header = put_header<tcmsg>(message);
  header->tcm_ifindex = link.index;
  header->tcm_parent = TC_H_ROOT;
  return message;
}

}  // namespace

TrafficShaper::TrafficShaper(std::string table)
    : table_(std::move(table)),
      routing_(must(NetlinkSocket::open(NETLINK_ROUTE),
                    "open a socket to the kernel's routing")),
      firewall_(must(NetlinkSocket::open(NETLINK_NETFILTER),
                     "open a socket to the kernel's firewall")) {}

void TrafficShaper::limit(const Link& link, const Bandwidth& bandwidth) {
  if (bandwidth.in != 0) {
    limit_in(link, bandwidth.in);
  }
  if (bandwidth.out != 0) {
    limit_out(link, bandwidth.out);
  }
}

void TrafficShaper::limit_in(const Link& link, std::uint64_t rate) {
  NetlinkBatch batch;
  nlmsghdr* message = put_root_queue(
      batch, link, RTM_NEWQDISC,
      static_cast<std::uint16_t>(change | NLM_F_CREATE | NLM_F_REPLACE), 0);
  mnl_attr_put_strz(message, TCA_KIND, "tbf");
  nlattr* options = mnl_attr_nest_start(message, TCA_OPTIONS);
  tc_tbf_qopt settings{};
  settings.rate.linklayer = TC_LINKLAYER_ETHERNET;
  settings.rate.rate = clamp(rate);
  // 50 ms may wait; 10 ms may come at once.
  settings.limit = clamp(std::max(rate / 20, 2 * longest_packet));
  mnl_attr_put(message, TCA_TBF_PARMS, sizeof settings, &settings);
  mnl_attr_put_u64(message, TCA_TBF_RATE64, rate);
  mnl_attr_put_u32(message, TCA_TBF_BURST,
                   clamp(std::max<std::uint64_t>(rate / 100, 16384)));
  mnl_attr_nest_end(message, options);
  must(routing_.transact(batch), "limit what comes in by " + link.name);
}

void TrafficShaper::limit_out(const Link& link, std::uint64_t rate) {
  NftBatch batch;
  batch.set_family(Family::netdev);
  batch.add_table(table_);
  batch.add_chain(table_, {.name = link.name,
                           .type = "filter",
                           .hook = NF_NETDEV_INGRESS,
                           .device = link.name});
  NftRule rule(table_, link.name, Family::netdev);
  rule.faster_than(rate, clamp(std::max(rate / 8, 2 * longest_packet))).drop();
  batch.add_rule(rule);
  must(batch.commit(firewall_), "limit what goes out by " + link.name);
}

void TrafficShaper::forget(const std::string& link) {
  NftBatch batch;
  batch.set_family(Family::netdev);
  batch.delete_chain(table_, link);
  const auto done = batch.commit(firewall_);
  if (!done && done.error().code != ENOENT) {
    must(done, "remove the limits of " + link);
  }
}

void TrafficShaper::destroy() {
  NftBatch batch;
  batch.set_family(Family::netdev);
  batch.add_table(table_);  // so that there is one to delete
  batch.delete_table(table_);
  const auto done = batch.commit(firewall_);
  if (!done && done.error().code != EOPNOTSUPP) {  // no such family: no limits
    must(done, "remove the limits of " + table_);
  }
}

}  // namespace docker_cpp::network
