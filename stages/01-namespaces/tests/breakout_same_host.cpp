// SPDX-License-Identifier: Apache-2.0
// Before stage 01 there is nothing: a program sees every process of the host,
// can end them, and renames the machine. Each escape is run without the
// isolation, where it succeeds, and with it, where it must not.
#include <unistd.h>

#include <csignal>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "require.hpp"

#include "docker_cpp/namespaces/namespaces.hpp"
#include "docker_cpp/namespaces/process.hpp"

namespace docker_cpp::namespaces {
namespace {

Isolations stage_01() {
  Isolations isolations;
  isolations.push_back(std::make_unique<NewNamespaces>(
      std::vector{Kind::pid, Kind::uts, Kind::ipc, Kind::network}));
  isolations.push_back(std::make_unique<Hostname>("box"));
  return isolations;
}

int run(const std::string& script, const Isolations& isolations) {
  return Process::start({.args = {"/bin/sh", "-c", script}}, isolations).wait();
}

TEST(Breakout, KillingANeighbour) {
  DOCKER_CPP_NEEDS_ROOT();
  Process victim = Process::start({.args = {"/bin/sleep", "100"}}, {});
  const std::string escape = "kill -KILL " + std::to_string(victim.pid());
  EXPECT_NE(run(escape, stage_01()), 0);
  EXPECT_EQ(::kill(victim.pid(), 0), 0) << "the neighbour lives";
  EXPECT_EQ(run(escape, {}), 0) << "without the namespace it would not";
  EXPECT_EQ(victim.wait(), 128 + SIGKILL);
}

TEST(Breakout, RenamingTheHost) {
  DOCKER_CPP_NEEDS_ROOT();
  char before[256] = {};
  char after[256] = {};
  ::gethostname(before, sizeof before);
  EXPECT_EQ(run("hostname owned && test $(hostname) = owned", stage_01()), 0);
  ::gethostname(after, sizeof after);
  EXPECT_STREQ(before, after);
}

TEST(Breakout, SendingThroughTheHostsNetwork) {
  DOCKER_CPP_NEEDS_ROOT();
  const std::string escape =
      "test -e /proc/self/net/route && "
      "test $(wc -l < /proc/self/net/dev) -gt 3";
  EXPECT_EQ(run(escape, {}), 0) << "the host has links beside lo";
  EXPECT_NE(run(escape, stage_01()), 0);
}

}  // namespace
}  // namespace docker_cpp::namespaces
