// SPDX-License-Identifier: Apache-2.0
// A program of the stages before shares the host's network: it reads the
// host's links and changes their addresses. Here it does not.
#include <memory>
#include <vector>

#include "test_host.hpp"

#include "docker_cpp/namespaces/namespaces.hpp"
#include "docker_cpp/namespaces/process.hpp"
#include "docker_cpp/network/isolations.hpp"

namespace docker_cpp::network::testing {
namespace {

using Breakout = HostTest;

constexpr const char* steal_the_cable =
    "ip link show lan0 && ip addr add 10.77.0.66/24 dev lan0";

int run(const namespaces::Isolations& isolations) {
  return namespaces::Process::start(
             {.args = {"/bin/sh", "-c", steal_the_cable}}, isolations)
      .wait();
}

TEST_F(Breakout, WithoutThisStageAProgramChangesTheHostsNetwork) {
  const auto neighbour = add_neighbour();
  namespaces::Isolations isolations;
  isolations.push_back(std::make_unique<namespaces::NewNamespaces>(
      std::vector{namespaces::Kind::pid, namespaces::Kind::uts}));
  EXPECT_EQ(run(isolations), 0);
}

TEST_F(Breakout, WithItTheHostsLinksAreOutOfReach) {
  const auto neighbour = add_neighbour();
  BridgeNetwork network({});
  namespaces::Isolations isolations;
  isolations.push_back(std::make_unique<namespaces::NewNamespaces>(
      std::vector{namespaces::Kind::network}));
  isolations.push_back(std::make_unique<VethEndpoint>(
      network, EndpointRequest{.container_id = "c"}));
  EXPECT_NE(run(isolations), 0);
}

}  // namespace
}  // namespace docker_cpp::network::testing
