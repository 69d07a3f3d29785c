// SPDX-License-Identifier: Apache-2.0
// What only a machine with pure cgroup v2 can show: run by tools/vm.
#include <gmock/gmock.h>

#include "host.hpp"

namespace docker_cpp::cgroups {
namespace {

using ::testing::HasSubstr;

using V2 = OwnCgroup;

std::string text(const Cgroup& cgroup, const std::string& name) {
  return V2::file(cgroup, "", "", name);
}

TEST_F(V2, HandsControllersDown) {
  SKIP_UNLESS_V2();
  const Cgroup cgroup = Cgroup::create(path("a/b/c"));
  for (const char* controller : {"cpu", "cpuset", "io", "memory", "pids"}) {
    EXPECT_THAT(text(cgroup, "cgroup.controllers"), HasSubstr(controller));
  }
}

TEST_F(V2, WritesTheFilesOfV2) {
  SKIP_UNLESS_V2();
  Cgroup cgroup =
      Cgroup::create(path(), {.memory_limit = 64 << 20,
                              .memory_reservation = 32 << 20,
                              .memory_swap = 96 << 20,
                              .cpu_shares = 1024,
                              .cpu_quota = 50'000,
                              .cpu_period = 100'000,
                              .pids_limit = 7,
                              .unified = {{"memory.high", "50331648"}}});
  EXPECT_EQ(text(cgroup, "memory.max"), "67108864");
  EXPECT_EQ(text(cgroup, "memory.low"), "33554432");
  EXPECT_EQ(text(cgroup, "memory.swap.max"), "33554432");
  EXPECT_EQ(text(cgroup, "memory.high"), "50331648");
  EXPECT_EQ(text(cgroup, "cpu.weight"), "100");
  EXPECT_EQ(text(cgroup, "cpu.max"), "50000 100000");
  EXPECT_EQ(text(cgroup, "pids.max"), "7");
}

TEST_F(V2, TakesARefusedUpdateBack) {
  SKIP_UNLESS_V2();
  Cgroup cgroup = Cgroup::create(path(), {.pids_limit = 7});
  const Resources bad{.pids_limit = 9, .unified = {{"memory.nosuch", "1"}}};
  EXPECT_THAT(error_of([&] { cgroup.apply(bad); }),
              HasSubstr("memory.nosuch to 1"));
  EXPECT_EQ(text(cgroup, "pids.max"), "7");
}

TEST_F(V2, HasNoRealTimeLimits) {
  SKIP_UNLESS_V2();
  EXPECT_THAT(
      error_of([&] { Cgroup::create(path(), {.cpu_rt_runtime = 1000}); }),
      HasSubstr("rt_runtime"));
}

}  // namespace
}  // namespace docker_cpp::cgroups
