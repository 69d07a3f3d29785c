// SPDX-License-Identifier: Apache-2.0
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <optional>

#include "test_host.hpp"

#include "docker_cpp/network/links.hpp"

namespace docker_cpp::network::testing {
namespace {

class Recovery : public HostTest {
 protected:
  static std::ptrdiff_t links_of_containers() {
    const auto links = Links::open().list();
    return std::ranges::count_if(links, [](const Link& link) {
      return link.kind == "veth" && link.name.starts_with("veth");
    });
  }

  static std::string without_descriptors(const std::string& ledger) {
    return ledger.substr(ledger.find("descriptors"));
  }

  static EndpointRequest request(std::string id, std::uint16_t port) {
    return {.container_id = std::move(id),
            .ports = {{.container_port = 80, .host_port = port}}};
  }
};

TEST_F(Recovery, DisconnectLeavesNothing) {
  BridgeNetwork network({});
  const auto container = new_netns();
  const std::string before = ledger();
  const auto first = network.connect(container.get(), request("web", 8080));
  EXPECT_NE(ledger(), before);
  network.disconnect("web");
  network.settle();
  EXPECT_EQ(ledger(), before);
  network.disconnect("web");
  const auto second = network.connect(container.get(), request("web", 8080));
  EXPECT_EQ(second.ip, first.ip);
}

TEST_F(Recovery, DisconnectAfterTheContainerIsGone) {
  BridgeNetwork network({});
  const std::string before = ledger();
  auto container = new_netns();
  static_cast<void>(network.connect(container.get(), request("web", 8080)));
  container.reset();
  network.disconnect("web");
  network.settle();
  EXPECT_EQ(ledger(), before);
}

TEST_F(Recovery, ConnectingTwiceReplaces) {
  BridgeNetwork network({});
  const auto container = new_netns();
  const auto first = network.connect(container.get(), request("web", 8080));
  const auto second = network.connect(container.get(), request("web", 8080));
  EXPECT_EQ(second.ip, first.ip);
  network.settle();
  EXPECT_EQ(links_of_containers(), 1);
}

TEST_F(Recovery, TwoHundredCyclesLeaveTheLedgerAsItWas) {
  BridgeNetwork network({});
  const auto container = new_netns();
  const std::string before = ledger();
  for (int i = 0; i < 200; ++i) {
    const auto info = network.connect(container.get(), request("web", 8080));
    ASSERT_EQ(info.ip.substr(info.ip.rfind('.')), ".2");
    network.disconnect("web");
  }
  network.settle();
  EXPECT_EQ(ledger(), before);
}

TEST_F(Recovery, AnAdoptedContainerStaysReachableAllTheTime) {
  const auto neighbour = add_neighbour();
  std::optional<BridgeNetwork> network(std::in_place, BridgeNetwork::Options{});
  const auto web = new_netns();
  const auto lost = new_netns();
  const Server server(web.get(), 80);
  const auto info = network->connect(web.get(), request("web", 8080));
  const std::string before = ledger();
  static_cast<void>(network->connect(lost.get(), request("lost", 8081)));
  const std::string subnet = network->subnet();

  network.reset();  // the daemon is gone
  EXPECT_EQ(call(neighbour.get(), "10.77.0.1", 8080), "10.77.0.2");
  network.emplace(BridgeNetwork::Options{});
  EXPECT_EQ(network->subnet(), subnet);
  EXPECT_EQ(call(neighbour.get(), "10.77.0.1", 8080), "10.77.0.2");
  network->adopt("web", info);
  network->adopt("web", info);
  network->reconcile();
  network->settle();
  EXPECT_EQ(call(neighbour.get(), "10.77.0.1", 8080), "10.77.0.2");
  // "lost" is gone, "web" holds what it held. The server closes its end of the
  // last call in its own time.
  std::string after = ledger();
  for (int i = 0; i < 100 && after != before; ++i) {
    ::usleep(10'000);
    after = ledger();
  }
  EXPECT_EQ(after, before);

  const auto next = new_netns();
  EXPECT_THROW(
      static_cast<void>(network->connect(next.get(), request("next", 8080))),
      PortAllocated);
  EXPECT_NE(network->connect(next.get(), request("next", 8082)).ip, info.ip);
}

TEST_F(Recovery, ReconcileTouchesOnlyWhatIsOurs) {
  BridgeNetwork other({.bridge = "other0"});
  const auto web = new_netns();
  static_cast<void>(other.connect(web.get(), request("web", 8080)));
  ASSERT_EQ(::system("nft 'add table ip mine; add chain ip mine c' &&"
                     "ip link add veth0 type veth peer name veth1"),
            0);
  BridgeNetwork network({});
  const std::string before = ledger();
  network.reconcile();
  EXPECT_EQ(ledger(), before);
  network.remove();
  EXPECT_NE(rules().find("table ip mine"), std::string::npos);
  EXPECT_NE(rules().find("table ip docker-cpp-other0"), std::string::npos);
  EXPECT_EQ(rules().find("table ip docker-cpp-dcpp0"), std::string::npos);
  EXPECT_FALSE(Links::open().find("dcpp0"));
  EXPECT_TRUE(Links::open().find("other0"));
}

TEST_F(Recovery, RulesComeBackAfterSomebodyFlushesThem) {
  const auto neighbour = add_neighbour();
  BridgeNetwork network({});
  const auto web = new_netns();
  const Server server(web.get(), 80);
  static_cast<void>(network.connect(web.get(), request("web", 8080)));
  const std::string before = rules();
  ASSERT_EQ(::system("nft flush ruleset"), 0);
  network.on_change();
  EXPECT_EQ(rules(), before);
  EXPECT_EQ(call(neighbour.get(), "10.77.0.1", 8080), "10.77.0.2");
}

TEST_F(Recovery, DockersForwardPolicyDoesNotStopUs) {
  const auto neighbour = add_neighbour();
  BridgeNetwork network({});
  const auto web = new_netns();
  const Server server(web.get(), 80);
  static_cast<void>(network.connect(web.get(), request("web", 8080)));
  // What dockerd does when it starts after us.
  ASSERT_EQ(::system("iptables-nft -P FORWARD DROP"), 0);
  EXPECT_EQ(call(neighbour.get(), "10.77.0.1", 8080), "silence");
  ASSERT_EQ(::system("iptables-nft -N DOCKER-USER &&"
                     "iptables-nft -I FORWARD -j DOCKER-USER"),
            0);
  network.on_change();
  EXPECT_EQ(call(neighbour.get(), "10.77.0.1", 8080), "10.77.0.2");
  EXPECT_EQ(::system("iptables-nft -S DOCKER-USER | grep -q dcpp0"), 0);
  network.remove();
  EXPECT_EQ(::system("iptables-nft -S DOCKER-USER | grep -q dcpp0"), 256);
}

TEST_F(Recovery, TwoDaemonsSideBySidePublishTheirPorts) {
  const auto neighbour = add_neighbour();
  BridgeNetwork one({.bridge = "one"});
  BridgeNetwork two({.bridge = "two"});
  const auto a = new_netns();
  const auto b = new_netns();
  const Server server_a(a.get(), 80);
  const Server server_b(b.get(), 80);
  static_cast<void>(one.connect(a.get(), request("web", 8080)));
  static_cast<void>(two.connect(b.get(), request("web", 8081)));
  EXPECT_EQ(call(neighbour.get(), "10.77.0.1", 8080), "10.77.0.2");
  EXPECT_EQ(call(neighbour.get(), "10.77.0.1", 8081), "10.77.0.2");
  one.disconnect("web");
  EXPECT_NE(call(neighbour.get(), "10.77.0.1", 8080), "10.77.0.2");
  EXPECT_EQ(call(neighbour.get(), "10.77.0.1", 8081), "10.77.0.2");
}

#ifdef DOCKER_CPP_FAILPOINTS
/// Kills the "daemon", or fails, in the middle of connecting a container.
class Interrupted : public Recovery,
                    public ::testing::WithParamInterface<const char*> {
 protected:
  static int connect_with(const std::string& rule, int netns) {
    const pid_t daemon = ::fork();
    if (daemon == 0) {
      ::setenv("DOCKER_CPP_FAILPOINTS", rule.c_str(), 1);
      try {
        BridgeNetwork network({});
        static_cast<void>(network.connect(netns, request("web", 8080)));
      } catch (const Error& error) {
        ::_exit(error.code().value());
      }
      ::_exit(0);
    }
    int status = 0;
    ::waitpid(daemon, &status, 0);
    return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
  }
};

TEST_P(Interrupted, ByDeathIsCleanedUpByTheNextDaemon) {
  BridgeNetwork({}).reconcile();
  const auto container = new_netns();
  const std::string before = ledger();
  ASSERT_EQ(connect_with(GetParam() + std::string("=kill"), container.get()),
            -SIGKILL);
  BridgeNetwork network({});
  network.reconcile();
  network.settle();
  EXPECT_EQ(links_of_containers(), 0);
  const auto again = network.connect(container.get(), request("web", 8080));
  EXPECT_EQ(again.ip, "172.17.0.2");
  network.disconnect("web");
  network.settle();
  EXPECT_EQ(without_descriptors(ledger()), without_descriptors(before));
}

TEST_P(Interrupted, ByAnErrorLeavesNothing) {
  BridgeNetwork({}).reconcile();
  const auto container = new_netns();
  const std::string before = ledger();
  EXPECT_EQ(
      connect_with(GetParam() + std::string("=error(ENOMEM)"), container.get()),
      ENOMEM);
  EXPECT_EQ(links_of_containers(), 0);
  EXPECT_EQ(ledger(), before);
}

INSTANTIATE_TEST_SUITE_P(AtEachPoint, Interrupted,
                         ::testing::Values("network.reserved",
                                           "network.link_made",
                                           "network.publish"));

#endif

}  // namespace
}  // namespace docker_cpp::network::testing
