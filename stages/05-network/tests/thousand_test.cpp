// SPDX-License-Identifier: Apache-2.0
#include <sys/resource.h>

#include <set>
#include <vector>

#include "test_host.hpp"

namespace docker_cpp::network::testing {
namespace {

/// What grows with each container shows after a thousand of them.
class Thousand : public HostTest {
 protected:
  void SetUp() override {
    HostTest::SetUp();
    // Each namespace is a descriptor here, and each published port.
    rlimit files{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &files), 0);
    files.rlim_cur = files.rlim_max;
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &files), 0);
  }
};

TEST_F(Thousand, ConnectsAndDisconnectsLeaveNothing) {
  BridgeNetwork network({.subnet = "172.19.0.1/16"});
  const auto netns = new_netns();
  const auto once = [&] {
    const auto info = network.connect(
        netns.get(), {.container_id = "web",
                      .ports = {{.container_port = 80, .host_port = 8080},
                                {.protocol = "udp", .container_port = 53}}});
    EXPECT_EQ(info.ip, "172.19.0.2");
    network.disconnect("web");
    network.settle();
  };
  once();
  const std::string before = ledger();
  for (int i = 0; i < 1'000 && !HasFailure(); ++i) {
    once();
  }
  EXPECT_EQ(ledger(), before);
}

TEST_F(Thousand, ContainersLiveOnTwoBridges) {
  BridgeNetwork one({.bridge = "one0", .subnet = "172.19.0.1/16"});
  BridgeNetwork two({.bridge = "two0", .subnet = "172.20.0.1/16"});
  const std::string before = ledger();
  {
    std::vector<sys::UniqueFd> containers;
    std::set<std::string> addresses;
    std::string last;
    for (int i = 0; i < 1'000; ++i) {
      containers.push_back(new_netns());
      last = (i % 2 == 0 ? one : two)
                 .connect(containers.back().get(),
                          {.container_id = "c" + std::to_string(i),
                           .ports = {{.container_port = 80}}})
                 .ip;
      addresses.insert(last);
    }
    EXPECT_EQ(addresses.size(), 1'000U);
    const Server server(containers.back().get(), 80);
    EXPECT_EQ(call(containers[1].get(), last, 80), "172.20.0.2");
    EXPECT_NE(call(containers[0].get(), last, 80), "172.19.0.2");
    EXPECT_EQ(call(host(), last, 80), "172.20.0.1");
    for (int i = 0; i < 1'000; ++i) {
      (i % 2 == 0 ? one : two).disconnect("c" + std::to_string(i));
    }
    one.settle();
    two.settle();
  }
  EXPECT_EQ(ledger(), before);
}

}  // namespace
}  // namespace docker_cpp::network::testing
