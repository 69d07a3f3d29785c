// SPDX-License-Identifier: Apache-2.0
#include <memory>

#include "test_host.hpp"

#include "docker_cpp/network/in_namespace.hpp"
#include "docker_cpp/network/links.hpp"
#include "docker_cpp/network/overlay_network.hpp"

namespace docker_cpp::network::testing {
namespace {

/// One of two hosts on a cable, 10.77.0.1 and 10.77.0.2, with a container.
struct OneHost {
  std::unique_ptr<OverlayNetwork> network;
  sys::UniqueFd container = new_netns();
  EndpointInfo info;
};

class Overlay : public HostTest {
 protected:
  void SetUp() override {
    HostTest::SetUp();
    second_host_ = add_neighbour();
    start(first_, host(), "10.77.0.1", "10.6.0.2");
    start(second_, second_host_.get(), "10.77.0.2", "10.6.0.3");
  }

  static void start(OneHost& one, int netns, const std::string& local,
                    const std::string& ip) {
    in_network_namespace(netns, [&] {
      one.network = std::make_unique<OverlayNetwork>(
          OverlayNetwork::Options{.bridge = {.bridge = "ov0",
                                             .subnet = "10.6.0.0/24",
                                             .subnet6 = "fd00:6::/64",
                                             .mtu = 1450},
                                  .vxlan = "vx0",
                                  .vni = 4097,
                                  .local = local});
      one.info = one.network->connect(
          one.container.get(),
          {.container_id = "web",
           .ports = {{.container_port = 80, .host_port = 8080}},
           .ip = ip,
           .ip6 = "fd00:6::" + ip.substr(7)});
    });
  }

  static OverlayPeer peer(const OneHost& one, const std::string& host) {
    return {.ip = one.info.ip,
            .ip6 = one.info.ip6,
            .mac = one.info.mac,
            .host = host};
  }

  void introduce() {
    first_.network->add_peer(peer(second_, "10.77.0.2"));
    second_.network->add_peer(peer(first_, "10.77.0.1"));
  }

  [[nodiscard]] int second_host() const { return second_host_.get(); }

  OneHost first_;
  OneHost second_;

 private:
  sys::UniqueFd second_host_;
};

TEST_F(Overlay, JoinsContainersOfTwoHosts) {
  const Server server(second_.container.get(), 80);
  const Server udp(second_.container.get(), 53, Transport::udp);
  introduce();
  EXPECT_EQ(call(first_.container.get(), "10.6.0.3", 80), "10.6.0.2");
  EXPECT_EQ(call(first_.container.get(), "10.6.0.3", 53, Transport::udp),
            "10.6.0.2");
}

TEST_F(Overlay, NobodyIsReachedWhoWasNotIntroduced) {
  const Server server(second_.container.get(), 80);
  EXPECT_NE(call(first_.container.get(), "10.6.0.3", 80), "10.6.0.2");
  introduce();
  // Who has just asked in vain asks again only after a second: arp(7).
  std::string answer;
  for (int i = 0; i < 20 && answer != "10.6.0.2"; ++i) {
    answer = call(first_.container.get(), "10.6.0.3", 80);
  }
  EXPECT_EQ(answer, "10.6.0.2");
  first_.network->remove_peer(peer(second_, "10.77.0.2"));
  second_.network->remove_peer(peer(first_, "10.77.0.1"));
  EXPECT_NE(call(first_.container.get(), "10.6.0.3", 80), "10.6.0.2");
  // Once more is no error, nor is one that never was.
  first_.network->remove_peer(peer(second_, "10.77.0.2"));
}

TEST_F(Overlay, EachHostIsItsOwnGateway) {
  const Server server(host(), 7777);
  const Server other(second_host(), 7777);
  introduce();
  EXPECT_EQ(call(first_.container.get(), "10.6.0.1", 7777), "10.6.0.2");
  EXPECT_EQ(call(second_.container.get(), "10.6.0.1", 7777), "10.6.0.3");
}

TEST_F(Overlay, PortsArePublishedWhereTheContainerIs) {
  const Server server(second_.container.get(), 80);
  introduce();
  EXPECT_EQ(call(host(), "10.77.0.2", 8080), "10.77.0.1");
}

TEST_F(Overlay, ANeighbourOnTheCableReachesNoContainer) {
  const Server server(first_.container.get(), 80);
  in_network_namespace(second_host(), [] {
    Links links = Links::open();
    const int cable = links.find("eth0")->index;
    links.add_route(cable, *parse_subnet("10.6.0.2/32"),
                    *parse_ipv4("10.77.0.1"));
  });
  EXPECT_NE(call(second_host(), "10.6.0.2", 80).substr(0, 3), "10.");
}

TEST_F(Overlay, ARestartOfTheDaemonInterruptsNobody) {
  const Server server(second_.container.get(), 80);
  introduce();
  first_.network.reset();
  EXPECT_EQ(call(first_.container.get(), "10.6.0.3", 80), "10.6.0.2");
  first_.network = std::make_unique<OverlayNetwork>(
      OverlayNetwork::Options{.bridge = {.bridge = "ov0",
                                         .subnet = "10.6.0.0/24",
                                         .subnet6 = "fd00:6::/64",
                                         .mtu = 1450},
                              .vxlan = "vx0",
                              .vni = 4097,
                              .local = "10.77.0.1"});
  first_.network->adopt("web", first_.info);
  first_.network->reconcile();
  first_.network->add_peer(peer(second_, "10.77.0.2"));
  EXPECT_EQ(call(first_.container.get(), "10.6.0.3", 80), "10.6.0.2");
  first_.network->remove();
  for (const Link& link : Links::open().list()) {
    EXPECT_TRUE(link.name == "lo" || link.name == "lan0") << link.name;
  }
}

TEST_F(Overlay, RefusesWhatMakesNoSense) {
  EXPECT_THROW(OverlayNetwork({.bridge = {.bridge = "ov1"},
                               .vxlan = "vx1",
                               .vni = 0,
                               .local = "10.77.0.1"}),
               std::invalid_argument);
  EXPECT_THROW(OverlayNetwork({.bridge = {.bridge = "ov1"},
                               .vxlan = "vx1",
                               .vni = 1U << 24U,
                               .local = "10.77.0.1"}),
               std::invalid_argument);
  EXPECT_THROW(OverlayNetwork({.bridge = {.bridge = "ov1"},
                               .vxlan = "vx1",
                               .vni = 1,
                               .local = "here"}),
               std::invalid_argument);
  EXPECT_FALSE(Links::open().find("ov1").has_value());
}

}  // namespace
}  // namespace docker_cpp::network::testing
