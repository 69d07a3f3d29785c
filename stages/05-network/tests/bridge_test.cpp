// SPDX-License-Identifier: Apache-2.0
#include <sched.h>
#include <sys/resource.h>

#include <vector>

#include "test_host.hpp"

#include "docker_cpp/network/container_side.hpp"
#include "docker_cpp/network/in_namespace.hpp"
#include "docker_cpp/network/links.hpp"
#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::network::testing {
namespace {

using Bridge = HostTest;

TEST_F(Bridge, ContainersReachEachOtherAndTheHost) {
  BridgeNetwork network({.subnet = "172.19.0.1/16"});
  const auto a = new_netns();
  const auto b = new_netns();
  const auto info_a = network.connect(a.get(), {.container_id = "a"});
  const auto info_b = network.connect(b.get(), {.container_id = "b"});
  EXPECT_EQ(info_a.ip, "172.19.0.2");
  EXPECT_EQ(info_a.gateway, "172.19.0.1");
  EXPECT_EQ(info_a.mac, "02:42:ac:13:00:02");
  EXPECT_EQ(info_a.prefix_len, 16);
  EXPECT_EQ(info_b.ip, "172.19.0.3");
  const Server on_b(b.get(), 80);
  const Server on_host(host(), 81);
  EXPECT_EQ(call(a.get(), "172.19.0.3", 80), "172.19.0.2");
  EXPECT_EQ(call(a.get(), "172.19.0.1", 81), "172.19.0.2");
  EXPECT_EQ(call(host(), "172.19.0.3", 80), "172.19.0.1");
}

TEST_F(Bridge, ContainersGoOutUnderTheHostsAddress) {
  const auto neighbour = add_neighbour();
  BridgeNetwork network({});
  const auto a = new_netns();
  static_cast<void>(network.connect(a.get(), {.container_id = "a"}));
  const Server server(neighbour.get(), 80);
  EXPECT_EQ(call(a.get(), "10.77.0.2", 80), "10.77.0.1");
}

TEST_F(Bridge, InternalNetworksHaveNoWayOut) {
  const auto neighbour = add_neighbour();
  BridgeNetwork network({.internal = true});
  const auto a = new_netns();
  const auto b = new_netns();
  static_cast<void>(network.connect(a.get(), {.container_id = "a"}));
  const auto info = network.connect(b.get(), {.container_id = "b"});
  const Server outside(neighbour.get(), 80);
  const Server inside(b.get(), 80);
  EXPECT_EQ(call(a.get(), "10.77.0.2", 80), "Network is unreachable");
  EXPECT_NE(call(a.get(), info.ip, 80), "silence");
  // A container that is root of its namespace makes a route of its own.
  in_network_namespace(a.get(), [&] {
    ASSERT_EQ(
        ::system(("ip route add default via " + network.gateway()).c_str()), 0);
  });
  EXPECT_EQ(call(a.get(), "10.77.0.2", 80), "silence");
}

TEST_F(Bridge, AThousandConnectsLeaveNothing) {
  BridgeNetwork network({.subnet = "172.19.0.1/16", .subnet6 = "fd00:19::/64"});
  const auto come_and_go = [&] {
    const auto netns = new_netns();
    const auto info = network.connect(
        netns.get(), {.container_id = "x",
                      .ports = {{.container_port = 80, .host_port = 8080}}});
    EXPECT_EQ(info.ip, "172.19.0.2");
    EXPECT_EQ(info.ip6, "fd00:19::2");
    network.disconnect("x");
  };
  come_and_go();
  network.settle();
  const std::string before = ledger();
  for (int i = 0; i < 1'000; ++i) {
    come_and_go();
  }
  network.settle();
  EXPECT_EQ(ledger(), before);
}

TEST_F(Bridge, IsolatedMembersDoNotReachEachOther) {
  BridgeNetwork network({.isolate_members = true});
  const auto a = new_netns();
  const auto b = new_netns();
  static_cast<void>(network.connect(a.get(), {.container_id = "a"}));
  const auto info = network.connect(b.get(), {.container_id = "b"});
  const Server server(b.get(), 80);
  EXPECT_NE(call(a.get(), info.ip, 80), info.ip);
  EXPECT_EQ(call(host(), info.ip, 80), network.gateway());
}

TEST_F(Bridge, BridgesDoNotReachEachOther) {
  BridgeNetwork one({.bridge = "one"});
  BridgeNetwork two({.bridge = "two"});
  EXPECT_NE(one.subnet(), two.subnet());
  const auto a = new_netns();
  const auto b = new_netns();
  static_cast<void>(one.connect(a.get(), {.container_id = "a"}));
  const auto info = two.connect(
      b.get(),
      {.container_id = "a",
       .ports = {
           {.container_port = 80, .host_port = 8080},
           {.container_port = 80, .host_ip = "127.0.0.1", .host_port = 8081}}});
  const Server server(b.get(), 80);
  EXPECT_EQ(call(a.get(), info.ip, 80), "silence");
  EXPECT_EQ(call(host(), info.ip, 80), two.gateway());
  // What is published is published to everybody, other bridges included.
  EXPECT_NE(call(a.get(), one.gateway(), 8080), "silence");
  EXPECT_NE(call(a.get(), one.gateway(), 8081), two.gateway());
}

TEST_F(Bridge, HasNoIpv6AddressThatItsRulesDoNotKnow) {
  BridgeNetwork network({});
  const auto a = new_netns();
  static_cast<void>(network.connect(a.get(), {.container_id = "a"}));
  in_network_namespace(a.get(), [] {
    EXPECT_EQ(::system("ip -6 addr show dev eth0 | grep -q inet6"), 256);
  });
  EXPECT_EQ(::system("ip -6 addr show dev dcpp0 | grep -q inet6"), 256);
}

TEST_F(Bridge, GivesTheAddressAndMacAskedFor) {
  BridgeNetwork network({.subnet = "172.19.0.1/24"});
  const auto a = new_netns();
  const auto info = network.connect(
      a.get(),
      {.container_id = "a", .mac = "02:42:00:00:00:99", .ip = "172.19.0.77"});
  EXPECT_EQ(info.ip, "172.19.0.77");
  EXPECT_EQ(info.mac, "02:42:00:00:00:99");
  const auto b = new_netns();
  EXPECT_THROW(static_cast<void>(network.connect(
                   b.get(), {.container_id = "b", .ip = "172.19.0.77"})),
               Error);
  EXPECT_THROW(static_cast<void>(network.connect(
                   b.get(), {.container_id = "b", .ip = "10.0.0.1"})),
               std::invalid_argument);
}

TEST_F(Bridge, ASecondNetworkIsEth1AndKeepsTheFirstOnesGateway) {
  BridgeNetwork one({.bridge = "one"});
  BridgeNetwork two({.bridge = "two"});
  const auto a = new_netns();
  static_cast<void>(one.connect(a.get(), {.container_id = "a"}));
  static_cast<void>(two.connect(a.get(), {.container_id = "a"}));
  in_network_namespace(a.get(), [&] {
    const std::string command = "ip route | grep -q '^default via " +
                                one.gateway() + " dev eth0' && ip link show " +
                                "dev eth1 >/dev/null";
    EXPECT_EQ(::system(command.c_str()), 0);
  });
}

TEST_F(Bridge, RefusesALinkThatIsNoBridge) {
  EXPECT_THROW(BridgeNetwork({.bridge = "lo", .subnet = "172.19.0.1/16"}),
               Error);
  EXPECT_THROW(BridgeNetwork({.bridge = "a/b"}), std::invalid_argument);
  EXPECT_THROW(BridgeNetwork({.subnet = "172.19.0.1"}), std::invalid_argument);
}

/// One bridge has room for 1,023 ports; two carry a thousand containers.
TEST(ManyContainers, OnTwoBridges) {
  must(sys::unshare(CLONE_NEWNET), "make the test's host");
  const rlimit files{.rlim_cur = 4096, .rlim_max = 4096};
  must(sys::check_void(::setrlimit(RLIMIT_NOFILE, &files), "setrlimit"),
       "allow as many descriptors as containers");
  Links::open().set_up(1);
  BridgeNetwork first({.bridge = "many0", .subnet = "172.30.0.1/16"});
  BridgeNetwork second({.bridge = "many1", .subnet = "172.31.0.1/16"});
  std::vector<sys::UniqueFd> containers;
  EndpointInfo last;
  for (int i = 0; i < 1000; ++i) {
    containers.push_back(new_netns());
    BridgeNetwork& network = i % 2 == 0 ? first : second;
    last = network.connect(containers.back().get(),
                           {.container_id = "c" + std::to_string(i)});
  }
  EXPECT_EQ(last.ip, "172.31.1.245");
  const Server server(containers.back().get(), 80);
  EXPECT_EQ(call(containers[1].get(), last.ip, 80), "172.31.0.2");
  EXPECT_NE(call(containers[0].get(), last.ip, 80).substr(0, 4), "172.");
  const auto one_more = new_netns();
  EXPECT_EQ(first.connect(one_more.get(), {.container_id = "x"}).ip,
            "172.30.1.246");
}

TEST_F(Bridge, OneThatTheOperatorMadeStaysHis) {
  ASSERT_EQ(::system("ip link add mine type bridge;"
                     "ip addr add 10.50.0.1/24 dev mine; ip link set mine up;"
                     "ip link add veth0 type veth peer name veth1;"
                     "ip link set veth0 master mine"),
            0);
  const std::string before = ledger();
  {
    BridgeNetwork network({.bridge = "mine", .subnet = "10.51.0.0/24"});
    const auto a = new_netns();
    const auto info = network.connect(a.get(), {.container_id = "a"});
    EXPECT_NE(call(a.get(), "10.51.0.1", 80), "silence");
    EXPECT_EQ(info.gateway, "10.51.0.1");
    network.reconcile();
    network.disconnect("a");
    network.settle();
    network.remove();
  }
  EXPECT_EQ(ledger(), before) << "his bridge, or the link of another program";
  Links links = Links::open();
  EXPECT_EQ(links.addresses(must_find(links, "mine").index),
            (std::vector{parse_subnet("10.50.0.1/24").value()}));
}

}  // namespace
}  // namespace docker_cpp::network::testing
