// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/network/isolations.hpp"

#include <atomic>
#include <memory>
#include <vector>

#include "test_host.hpp"

#include "docker_cpp/namespaces/namespaces.hpp"
#include "docker_cpp/namespaces/process.hpp"

namespace docker_cpp::network::testing {
namespace {

using namespaces::Isolations;
using namespaces::Kind;
using namespaces::NewNamespaces;
using namespaces::Process;
using namespaces::Program;

using Isolated = HostTest;

Program shell(std::string script) {
  return {.args = {"/bin/sh", "-c", std::move(script)}};
}

Isolations in_new_network() {
  Isolations isolations;
  isolations.push_back(
      std::make_unique<NewNamespaces>(std::vector{Kind::network}));
  return isolations;
}

TEST_F(Isolated, WithoutANetworkOnlyLoopbackIsUp) {
  const char* loopback_is_up = "ip -o link show up | grep -q 'lo:'";
  Isolations isolations = in_new_network();
  EXPECT_NE(Process::start(shell(loopback_is_up), isolations).wait(), 0);
  isolations.push_back(std::make_unique<LoopbackUp>());
  EXPECT_EQ(Process::start(shell(loopback_is_up), isolations).wait(), 0);
  EXPECT_EQ(Process::start(shell("test $(ip -o link | wc -l) = 1"), isolations)
                .wait(),
            0);
}

TEST_F(Isolated, AContainerFindsItsNetworkReadyWhenItStarts) {
  BridgeNetwork network({.subnet = "172.19.0.1/16"});
  const Server server(host(), 80);
  Isolations isolations = in_new_network();
  isolations.push_back(std::make_unique<VethEndpoint>(
      network, EndpointRequest{.container_id = "c"}));
  Process process = Process::start(
      shell("ip -4 -o addr show eth0 | grep -q 172.19.0.2/16 &&"
            "ip -4 -o addr show lo | grep -q 127.0.0.1/8 &&"
            "ip route | grep -q '^default via 172.19.0.1 dev eth0' &&"
            "timeout 2 bash -c 'read x < /dev/tcp/172.19.0.1/80;"
            "test \"$x\" = 172.19.0.2'"),
      isolations);
  EXPECT_EQ(process.wait(), 0);
  EXPECT_EQ(dynamic_cast<VethEndpoint&>(*isolations.back()).info().ip,
            "172.19.0.2");
}

TEST_F(Isolated, AContainerWhoseProgramIsMissingLeavesNoLink) {
  BridgeNetwork network({});
  const std::string before = ledger();
  Isolations isolations = in_new_network();
  isolations.push_back(std::make_unique<VethEndpoint>(
      network, EndpointRequest{.container_id = "c"}));
  EXPECT_ANY_THROW(Process::start({.args = {"nosuchcmd"}}, isolations));
  network.disconnect("c");
  network.settle();
  EXPECT_EQ(ledger(), before);
}

TEST_F(Isolated, ManyThreadsConnectAtOnce) {
  BridgeNetwork network({});
  const std::string before = ledger();
  constexpr int count = 16;
  std::vector<std::thread> threads;
  for (int i = 0; i < count; ++i) {
    threads.emplace_back([&, i] {
      const auto container = new_netns();
      const std::string id = "container" + std::to_string(i);
      for (int round = 0; round < 5; ++round) {
        try {
          static_cast<void>(network.connect(
              container.get(),
              {.container_id = id, .ports = {{.container_port = 80}}}));
          network.disconnect(id);
        } catch (const std::exception& error) {
          ADD_FAILURE() << error.what();
        }
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  network.settle();
  EXPECT_EQ(ledger(), before);
}

}  // namespace
}  // namespace docker_cpp::network::testing
