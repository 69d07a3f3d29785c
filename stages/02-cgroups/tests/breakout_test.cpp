// SPDX-License-Identifier: Apache-2.0
// Programs that stage 01 lets take what they like, and stage 02 does not.
#include <poll.h>

#include <gmock/gmock.h>

#include "host.hpp"

namespace docker_cpp::cgroups {
namespace {

using Breakout = OwnCgroup;

/// A fork bomb with a fuse, so that the escape harms nobody: 60 processes.
constexpr const char* fork_bomb =
    "n=0; while [ $n -lt 60 ]; do sleep 5 & n=$((n+1)); done; exit 0";

/// Takes 64 MiB and more.
constexpr const char* memory_hog =
    "x=0123456789abcdef; n=0;"
    "while [ $n -lt 22 ]; do x=$x$x; n=$((n+1)); done; exit 0";

/// Only what stage 01 has.
int run_in_stage_01(const std::string& script) {
  namespaces::Isolations isolations;
  isolations.push_back(std::make_unique<namespaces::NewNamespaces>(
      std::vector{namespaces::Kind::pid}));
  return namespaces::Process::start({.args = {"/bin/sh", "-c", script}},
                                    isolations)
      .wait();
}

TEST_F(Breakout, ForkBombEscapesFromStage01) {
  EXPECT_EQ(run_in_stage_01(fork_bomb), 0);
}

TEST_F(Breakout, ForkBombIsHeldByStage02) {
  Cgroup cgroup = Cgroup::create(path(), {.pids_limit = 20});
  EXPECT_NE(run(cgroup, fork_bomb), 0);
}

TEST_F(Breakout, MemoryHogEscapesFromStage01) {
  EXPECT_EQ(run_in_stage_01(memory_hog), 0);
}

TEST_F(Breakout, MemoryHogIsHeldByStage02AndTold) {
  Cgroup cgroup = Cgroup::create(
      path(), {.memory_limit = 16 << 20, .memory_swap = 16 << 20});
  const sys::UniqueFd told = cgroup.oom_event_fd();
  pollfd watched{.fd = told.get(), .events = POLLIN, .revents = 0};
  EXPECT_EQ(::poll(&watched, 1, 0), 0);
  EXPECT_EQ(run(cgroup, memory_hog), 128 + SIGKILL);
  EXPECT_EQ(::poll(&watched, 1, 2'000), 1);
  EXPECT_EQ(cgroup.oom_kills(), 1U);
  EXPECT_EQ(cgroup.statistics().oom_kills, 1U);
}

}  // namespace
}  // namespace docker_cpp::cgroups
