// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <stdexcept>

#include "test_host.hpp"

#include "docker_cpp/network/in_namespace.hpp"
#include "docker_cpp/network/links.hpp"
#include "docker_cpp/network/sublink_network.hpp"
#include "docker_cpp/sys/error.hpp"

namespace docker_cpp::network::testing {
namespace {

constexpr const char* id =
    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

class Sublinks : public HostTest {
 protected:
  void SetUp() override {
    HostTest::SetUp();
    neighbour_ = add_neighbour();
  }

  static SublinkNetwork::Options on_the_cable(const std::string& mode = {}) {
    return {.id = id,
            .parent = "lan0",
            .mode = mode,
            .subnet = "10.77.0.0/24",
            .gateway = "10.77.0.2",
            .reserved = {"10.77.0.1"}};
  }

  static bool exists(const std::string& name) {
    return Links::open().find(name).has_value();
  }

  static std::size_t links_in(int netns) {
    std::size_t count = 0;
    in_network_namespace(netns, [&] { count = Links::open().list().size(); });
    return count;
  }

  [[nodiscard]] int neighbour() const noexcept { return neighbour_.get(); }

 private:
  sys::UniqueFd neighbour_;
};

std::string refusal(SublinkNetwork::Options options) {
  try {
    const SublinkNetwork network(std::move(options));
    return "";
  } catch (const std::exception& error) {
    return error.what();
  }
}

TEST_F(Sublinks, AreMachinesOnTheHostsCable) {
  SublinkNetwork network(on_the_cable());
  const auto web = new_netns();
  const EndpointInfo info = network.connect(web.get(), {.container_id = "web"});
  EXPECT_EQ(info.gateway, "10.77.0.2");
  const Server server(web.get(), 80);
  EXPECT_EQ(call(neighbour(), info.ip, 80), "10.77.0.2");
  // The host's own packets go to the cable, never to a child of it.
  EXPECT_NE(call(host(), info.ip, 80), "10.77.0.1");
  const auto beside = new_netns();
  const EndpointInfo other =
      network.connect(beside.get(), {.container_id = "beside"});
  EXPECT_NE(info.mac, other.mac);
  EXPECT_EQ(call(beside.get(), info.ip, 80), other.ip);
}

TEST_F(Sublinks, OfPrivateModeDoNotReachEachOther) {
  SublinkNetwork network(on_the_cable("private"));
  const auto web = new_netns();
  const auto beside = new_netns();
  const EndpointInfo info = network.connect(web.get(), {.container_id = "web"});
  static_cast<void>(network.connect(beside.get(), {.container_id = "beside"}));
  const Server server(web.get(), 80);
  EXPECT_EQ(call(neighbour(), info.ip, 80), "10.77.0.2");
  EXPECT_NE(call(beside.get(), info.ip, 80).substr(0, 3), "10.");
}

TEST_F(Sublinks, PassthruIsForOne) {
  SublinkNetwork network(on_the_cable("passthru"));
  const auto web = new_netns();
  const EndpointInfo info = network.connect(web.get(), {.container_id = "web"});
  EXPECT_EQ(info.mac, to_string(Links::open().find("lan0")->mac));
  const auto second = new_netns();
  EXPECT_THROW(static_cast<void>(
                   network.connect(second.get(), {.container_id = "second"})),
               Error);
  EXPECT_EQ(links_in(second.get()), 1U);
  // Its address is free again.
  network.disconnect("web");
  EXPECT_EQ(network.connect(second.get(), {.container_id = "second"}).ip,
            info.ip);
}

TEST_F(Sublinks, GoFromAContainerThatLives) {
  const auto web = new_netns();
  const std::string before = ledger();
  SublinkNetwork network(on_the_cable());
  for (int i = 0; i < 20; ++i) {
    const EndpointInfo info =
        network.connect(web.get(), {.container_id = "web"});
    EXPECT_EQ(info.ip, "10.77.0.3");
    network.disconnect("web");
    EXPECT_EQ(links_in(web.get()), 1U);
  }
  network.remove();
  EXPECT_TRUE(exists("lan0"));  // it is not ours
}

TEST_F(Sublinks, WithoutAParentHaveACableOfTheirOwn) {
  SublinkNetwork::Options options{.id = id, .subnet = "10.5.0.0/24"};
  auto network = std::make_unique<SublinkNetwork>(options);
  EXPECT_TRUE(network->parent().starts_with("dm-")) << network->parent();
  const auto web = new_netns();
  const auto beside = new_netns();
  const EndpointInfo info =
      network->connect(web.get(), {.container_id = "web"});
  static_cast<void>(network->connect(beside.get(), {.container_id = "beside"}));
  const Server server(web.get(), 80);
  EXPECT_EQ(call(beside.get(), info.ip, 80), "10.5.0.3");
  // After a crash of the daemon.
  const std::string parent = network->parent();
  network = std::make_unique<SublinkNetwork>(options);
  network->adopt("web", info);
  network->hold("web", web.get());
  EXPECT_EQ(network->parent(), parent);
  EXPECT_EQ(call(beside.get(), info.ip, 80), "10.5.0.3");
  network->disconnect("web");
  EXPECT_EQ(links_in(web.get()), 1U);
  network->remove();
  EXPECT_FALSE(exists(parent));
}

TEST_F(Sublinks, OnlyForIPv6) {
  SublinkNetwork network({.id = id, .subnet6 = "fd00:5::/64"});
  const auto web = new_netns();
  const EndpointInfo info = network.connect(web.get(), {.container_id = "web"});
  EXPECT_EQ(info.ip, "");
  EXPECT_EQ(info.ip6, "fd00:5::2");
  EXPECT_EQ(network.subnet(), "");
  network.remove();
}

/// A kernel without ipvlan says so, and nothing is left behind.
TEST_F(Sublinks, OfIpvlanShareTheMac) {
  SublinkNetwork::Options options = on_the_cable();
  options.kind = "ipvlan";
  SublinkNetwork network(options);
  const auto web = new_netns();
  try {
    const EndpointInfo info =
        network.connect(web.get(), {.container_id = "web"});
    EXPECT_EQ(info.mac, to_string(Links::open().find("lan0")->mac));
    const Server server(web.get(), 80);
    EXPECT_EQ(call(neighbour(), info.ip, 80), "10.77.0.2");
  } catch (const Error& error) {
    EXPECT_EQ(error.code().value(), EOPNOTSUPP) << error.what();
    EXPECT_NE(std::string(error.what()).find("this kernel has no ipvlan links"),
              std::string::npos)
        << error.what();
    EXPECT_EQ(links_in(web.get()), 1U);
  }
}

TEST_F(Sublinks, OfIpvlanL3HaveNoGateway) {
  SublinkNetwork::Options options = on_the_cable("l3");
  options.kind = "ipvlan";
  SublinkNetwork network(options);
  const auto web = new_netns();
  try {
    EXPECT_EQ(network.connect(web.get(), {.container_id = "web"}).gateway, "");
  } catch (const Error& error) {
    EXPECT_EQ(error.code().value(), EOPNOTSUPP) << error.what();
  }
}

TEST_F(Sublinks, MakeAndRemoveASubinterface) {
  SublinkNetwork::Options options = on_the_cable();
  options.parent = "lan0.10";
  try {
    SublinkNetwork network(options);
    EXPECT_TRUE(exists("lan0.10"));
    network.remove();
  } catch (const Error& error) {
    EXPECT_EQ(error.code().value(), EOPNOTSUPP) << error.what();
  }
  EXPECT_FALSE(exists("lan0.10"));
  EXPECT_TRUE(exists("lan0"));
}

TEST_F(Sublinks, RefuseWhatMakesNoSense) {
  auto options = on_the_cable("sideways");
  EXPECT_EQ(refusal(options), "requested macvlan mode 'sideways' is not valid");
  options = on_the_cable();
  options.parent = "lo";
  EXPECT_EQ(refusal(options),
            "loopback interface is not a valid macvlan parent link");
  options.parent = "eth9";
  EXPECT_EQ(refusal(options),
            "invalid subinterface vlan name eth9, example formatting is "
            "eth0.10");
  options.parent = "eth9.10";
  EXPECT_EQ(refusal(options),
            "-o parent interface was not found on the host: eth9");
  for (const char* vlan : {"0", "4095", "x", "", "10.20"}) {
    options.parent = std::string("lan0.") + vlan;
    EXPECT_EQ(
        refusal(options),
        std::string("vlan id must be between 1 and 4094, received: ") + vlan);
  }
  SublinkNetwork network(on_the_cable());
  const auto web = new_netns();
  EXPECT_THROW(static_cast<void>(network.connect(
                   web.get(), {.container_id = "web", .ip = "10.9.9.9"})),
               std::invalid_argument);
  EXPECT_THROW(static_cast<void>(network.connect(
                   web.get(), {.container_id = "web", .ip = "10.77.0.1"})),
               Error);
}

}  // namespace
}  // namespace docker_cpp::network::testing
