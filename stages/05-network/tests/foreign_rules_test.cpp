// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>
#include <memory>

#include "test_host.hpp"

#include "docker_cpp/network/in_namespace.hpp"

namespace docker_cpp::network::testing {
namespace {

/// Beside others who have a firewall, and say no to what they do not know.
class ForeignRules : public HostTest {
 protected:
  void SetUp() override {
    HostTest::SetUp();
    neighbour_ = add_neighbour();
    web_ = new_netns();
  }

  static void nft(const std::string& command) {
    ASSERT_EQ(std::system(("nft '" + command + "'").c_str()), 0) << command;
  }

  void start() {
    network_ = std::make_unique<BridgeNetwork>(
        BridgeNetwork::Options{.subnet = "172.30.0.1/16"});
    network_->connect(web_.get(),
                      {.container_id = "web",
                       .ports = {{.container_port = 80, .host_port = 8080}}});
    server_ = std::make_unique<Server>(web_.get(), 80);
  }

  [[nodiscard]] std::string knock() const {
    return call(neighbour_.get(), "10.77.0.1", 8080);
  }

  BridgeNetwork& network() { return *network_; }

 private:
  sys::UniqueFd neighbour_;
  sys::UniqueFd web_;
  std::unique_ptr<BridgeNetwork> network_;
  std::unique_ptr<Server> server_;
};

constexpr const char* caller = "10.77.0.2";

TEST_F(ForeignRules, APolicyThatDropsIsOpenedForUsAndClosedAgain) {
  nft("add table ip filter");
  nft("add chain ip filter FORWARD { type filter hook forward priority 0; "
      "policy drop; }");
  const std::string before = rules();
  start();
  EXPECT_EQ(knock(), caller);
  network().remove();
  EXPECT_EQ(rules(), before);
}

TEST_F(ForeignRules, WhatTheirOwnerDropsStaysDropped) {
  nft("add table inet ufw");
  nft("add chain inet ufw forward { type filter hook forward priority 0; "
      "policy drop; }");
  nft("add rule inet ufw forward ip saddr 10.77.0.2 drop");
  start();
  EXPECT_EQ(knock(), "silence");
}

TEST_F(ForeignRules, BeforeARejectAtTheEndOfFirewalldsChain) {
  nft("add table inet firewalld");
  nft("add chain inet firewalld filter_FORWARD { type filter hook forward "
      "priority 10; policy accept; }");
  nft("add rule inet firewalld filter_FORWARD ct state established accept");
  nft("add rule inet firewalld filter_FORWARD counter reject with icmpx type "
      "admin-prohibited");
  const std::string before = rules();
  start();
  EXPECT_EQ(knock(), caller);
  network().remove();
  nft("reset counters table inet firewalld");
  EXPECT_EQ(rules(), before);
}

TEST_F(ForeignRules, AFirewallThatComesLaterIsNoticed) {
  start();
  nft("add table ip filter");
  nft("add chain ip filter FORWARD { type filter hook forward priority 0; "
      "policy drop; }");
  EXPECT_EQ(knock(), "silence");
  network().on_change();
  EXPECT_EQ(knock(), caller);
  // Somebody tidies up, in one chain only.
  nft("flush chain ip filter FORWARD");
  EXPECT_EQ(knock(), "silence");
  network().on_change();
  EXPECT_EQ(knock(), caller);
  nft("add table inet late");
  nft("add chain inet late forward { type filter hook forward priority 5; }");
  network().on_change();
  nft("add rule inet late forward drop");
  EXPECT_EQ(knock(), "silence");
  network().on_change();
  EXPECT_EQ(knock(), caller);
}

TEST_F(ForeignRules, DockersOwnChainForOthers) {
  nft("add table ip filter");
  nft("add chain ip filter DOCKER-USER");
  nft("add rule ip filter DOCKER-USER counter return");
  nft("add chain ip filter FORWARD { type filter hook forward priority 0; "
      "policy drop; }");
  nft("add rule ip filter FORWARD counter jump DOCKER-USER");
  start();
  EXPECT_EQ(knock(), caller);
  // Whoever has something to say there, says it before us.
  nft("insert rule ip filter DOCKER-USER ip saddr 10.77.0.2 drop");
  EXPECT_EQ(knock(), "silence");
  EXPECT_EQ(rules().find("chain FORWARD"), rules().rfind("chain FORWARD"));
}

TEST_F(ForeignRules, TheOperatorsChainComesFirstAndIsNeverTouched) {
  start();
  EXPECT_EQ(knock(), caller);
  nft("add rule inet docker-cpp-user DOCKER-USER ip saddr 10.77.0.2 drop");
  EXPECT_EQ(knock(), "silence");
  BridgeNetwork second({.bridge = "dcpp1", .subnet = "172.31.0.1/16"});
  network().reconcile();
  network().on_change();
  EXPECT_EQ(knock(), "silence");
  second.remove();
  EXPECT_EQ(knock(), "silence");
  // A policy of his counts as well.
  nft("flush chain inet docker-cpp-user DOCKER-USER");
  EXPECT_EQ(knock(), caller);
  nft("add chain inet docker-cpp-user DOCKER-USER { policy drop; }");
  network().reconcile();
  EXPECT_EQ(knock(), "silence");
  nft("flush ruleset");
  network().on_change();
  EXPECT_EQ(knock(), caller);
  EXPECT_NE(rules().find("chain DOCKER-USER"), std::string::npos);
}

}  // namespace
}  // namespace docker_cpp::network::testing
