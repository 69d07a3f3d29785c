// SPDX-License-Identifier: Apache-2.0
#include <map>

#include "test_host.hpp"

#include "docker_cpp/network/in_namespace.hpp"

namespace docker_cpp::network::testing {
namespace {

constexpr std::uint16_t on_any = 8080;
constexpr std::uint16_t on_loopback = 8081;
constexpr std::uint16_t unpublished = 7000;

/// Who reaches what, in every cell. Two networks, a container on the first
/// that serves, one beside it, one on the second, and a neighbour on the
/// host's cable who knows the way to the containers' addresses.
class Reachability : public HostTest {
 protected:
  void SetUp() override {
    HostTest::SetUp();
    neighbour_ = add_neighbour();
    in_network_namespace(neighbour_.get(), [] {
      ASSERT_EQ(::system("ip route add 172.19.0.0/16 via 10.77.0.1"), 0);
    });
    first_.emplace(
        BridgeNetwork::Options{.bridge = "one0", .subnet = "172.19.0.1/16"});
    second_.emplace(
        BridgeNetwork::Options{.bridge = "two0", .subnet = "172.20.0.1/16"});
    info_ =
        first_->connect(web_.get(), {.container_id = "web", .ports = ports()});
    beside_info_ = first_->connect(beside_.get(), {.container_id = "beside"});
    other_info_ = second_->connect(other_.get(), {.container_id = "other"});
    for (const Transport transport : {Transport::tcp, Transport::udp}) {
      for (const std::uint16_t port : {std::uint16_t{80}, unpublished}) {
        servers_.push_back(
            std::make_unique<Server>(web_.get(), port, transport));
      }
    }
  }

  static std::vector<PublishedPort> ports() {
    std::vector<PublishedPort> all;
    for (const char* protocol : {"tcp", "udp"}) {
      all.push_back(
          {.protocol = protocol, .container_port = 80, .host_port = on_any});
      all.push_back({.protocol = protocol,
                     .container_port = 80,
                     .host_ip = "127.0.0.1",
                     .host_port = on_loopback});
    }
    return all;
  }

  struct Origin {
    const char* name;
    int netns;
    std::string loopback;  ///< what it calls for the port on loopback
    bool any;
    bool loopback_reached;
    bool container;
  };

  std::vector<Origin> origins() {
    return {{"host", host(), "127.0.0.1", true, true, true},
            {"same", beside_.get(), "10.77.0.1", true, false, true},
            {"other", other_.get(), "10.77.0.1", true, false, false},
            {"lan", neighbour_.get(), "10.77.0.1", true, false, false}};
  }

  void expect_the_matrix(const std::string& when) {
    for (const Origin& from : origins()) {
      for (const Transport transport : {Transport::tcp, Transport::udp}) {
        const std::string cell =
            when + ", from " + from.name +
            (transport == Transport::tcp ? " by tcp" : " by udp");
        // A busy machine may be late: who has to be reached is asked again.
        const auto expect = [&](const std::string& ip, std::uint16_t port,
                                bool wanted, const char* what) {
          bool reached = false;
          for (int i = 0; i < (wanted ? 10 : 1) && !reached; ++i) {
            reached =
                parse_ipv4(call(from.netns, ip, port, transport)).has_value();
          }
          EXPECT_EQ(reached, wanted) << cell << ", " << what;
        };
        expect("10.77.0.1", on_any, from.any, "any");
        expect(from.loopback, on_loopback, from.loopback_reached, "loopback");
        expect("10.77.0.1", unpublished, false, "unpublished");
        expect(info_.ip, unpublished, from.container, "container address");
      }
    }
  }

  void come_back() {
    first_.reset();
    second_.reset();
    first_.emplace(
        BridgeNetwork::Options{.bridge = "one0", .subnet = "172.19.0.1/16"});
    second_.emplace(
        BridgeNetwork::Options{.bridge = "two0", .subnet = "172.20.0.1/16"});
    first_->adopt("web", info_);
    first_->adopt("beside", beside_info_);
    second_->adopt("other", other_info_);
    first_->reconcile();
    second_->reconcile();
  }

  sys::UniqueFd neighbour_;
  sys::UniqueFd web_ = new_netns();
  sys::UniqueFd beside_ = new_netns();
  sys::UniqueFd other_ = new_netns();
  std::optional<BridgeNetwork> first_;
  std::optional<BridgeNetwork> second_;
  EndpointInfo info_;
  EndpointInfo beside_info_;
  EndpointInfo other_info_;
  std::vector<std::unique_ptr<Server>> servers_;
};

TEST_F(Reachability, IsTheSameBeforeAndAfterACrashAndAFlush) {
  expect_the_matrix("before");
  come_back();
  expect_the_matrix("after a crash");
  ASSERT_EQ(::system("nft flush ruleset"), 0);
  first_->on_change();
  second_->on_change();
  expect_the_matrix("after a flush");
}

/// That the matrix can fail: without rules the neighbour is everywhere.
TEST_F(Reachability, WithoutRulesTheNeighbourReachesTheContainer) {
  ASSERT_EQ(::system("nft flush ruleset"), 0);
  EXPECT_EQ(call(neighbour_.get(), info_.ip, unpublished), "10.77.0.2");
  EXPECT_EQ(call(other_.get(), info_.ip, unpublished), other_info_.ip);
}

}  // namespace
}  // namespace docker_cpp::network::testing
