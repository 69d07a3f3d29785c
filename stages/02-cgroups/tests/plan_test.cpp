// SPDX-License-Identifier: Apache-2.0
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "../src/setting.hpp"

#include "docker_cpp/sys/error.hpp"

namespace docker_cpp::cgroups {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

std::vector<std::pair<std::string, std::string>> files(
    const std::vector<Setting>& settings) {
  std::vector<std::pair<std::string, std::string>> all;
  for (const Setting& setting : settings) {
    all.emplace_back(setting.file, setting.value);
  }
  return all;
}

TEST(Plan, OfNothingIsNothing) {
  EXPECT_THAT(plan_v1({}), IsEmpty());
  EXPECT_THAT(plan_v2({}), IsEmpty());
}

TEST(PlanV1, CountsSwapWithMemory) {
  const Resources r{.memory_limit = 1000, .memory_swap = 3000};
  EXPECT_THAT(files(plan_v1(r)),
              ElementsAre(Pair("memory.limit_in_bytes", "1000"),
                          Pair("memory.memsw.limit_in_bytes", "3000")));
}

TEST(PlanV2, CountsSwapAlone) {
  const auto swap = [](std::int64_t limit, std::int64_t total) {
    const auto all = plan_v2({.memory_limit = limit, .memory_swap = total});
    return files(all).front();
  };
  EXPECT_THAT(swap(1000, 3000), Pair("memory.swap.max", "2000"));
  EXPECT_THAT(swap(1000, 1000), Pair("memory.swap.max", "0"));
  EXPECT_THAT(swap(1000, -1), Pair("memory.swap.max", "max"));
  EXPECT_THROW(swap(3000, 1000), Error);
  EXPECT_THROW(static_cast<void>(plan_v2({.memory_swap = 1000})), Error);
}

TEST(Plan, OfUnlimitedMemoryLiftsTheSwapLimitToo) {
  EXPECT_THAT(files(plan_v1({.memory_limit = -1})),
              ElementsAre(Pair("memory.limit_in_bytes", "-1"),
                          Pair("memory.memsw.limit_in_bytes", "-1")));
  EXPECT_THAT(
      files(plan_v2({.memory_limit = -1})),
      ElementsAre(Pair("memory.swap.max", "max"), Pair("memory.max", "max")));
}

TEST(PlanV2, MakesOneFileOfQuotaAndPeriod) {
  EXPECT_THAT(files(plan_v2({.cpu_quota = 50'000, .cpu_period = 100'000})),
              ElementsAre(Pair("cpu.max", "50000 100000")));
  EXPECT_THAT(files(plan_v2({.cpu_quota = -1})),
              ElementsAre(Pair("cpu.max", "max")));
}

TEST(PlanV2, MapsSharesSoThatNormalStaysNormal) {
  EXPECT_EQ(cpu_weight_of_shares(2), 1U);
  EXPECT_EQ(cpu_weight_of_shares(1024), 100U);
  EXPECT_EQ(cpu_weight_of_shares(262'144), 10'000U);
}

TEST(PlanV2, MapsThrottlingAndWeights) {
  const Resources r{.io_weight = 1000,
                    .io_read_bytes = {{.major = 8, .minor = 0, .rate = 5}},
                    .io_write_operations = {{.major = 8, .minor = 16}}};
  const auto plan = plan_v2(r);
  EXPECT_THAT(files(plan), ElementsAre(Pair("io.bfq.weight", "default 1000"),
                                       Pair("io.max", "8:0 rbps=5"),
                                       Pair("io.max", "8:16 wiops=max")));
  EXPECT_EQ(plan[0].other_value, "default 10000");
  EXPECT_EQ(plan[1].undo, "8:0 rbps=max");
}

TEST(Plan, NamesTheFilesOfHugePages) {
  const Resources r{.hugepages = {{.page_size = "2MB", .bytes = 4096}}};
  EXPECT_THAT(files(plan_v1(r)),
              ElementsAre(Pair("hugetlb.2MB.limit_in_bytes", "4096"),
                          Pair("hugetlb.2MB.rsvd.limit_in_bytes", "4096")));
  EXPECT_THAT(files(plan_v2(r)),
              ElementsAre(Pair("hugetlb.2MB.max", "4096"),
                          Pair("hugetlb.2MB.rsvd.max", "4096")));
  EXPECT_TRUE(plan_v2(r)[1].lifts) << "kernels before 5.7 have no such file";
  EXPECT_THROW(
      static_cast<void>(plan_v1({.hugepages = {{.page_size = "../x"}}})),
      Error);
}

TEST(PlanV2, WritesUnifiedKeysItDoesNotKnow) {
  const Resources r{.unified = {{"memory.high", "7"}, {"new.knob", "x"}}};
  EXPECT_THAT(files(plan_v2(r)), UnorderedElementsAre(Pair("memory.high", "7"),
                                                      Pair("new.knob", "x")));
  EXPECT_THROW(static_cast<void>(plan_v2({.unified = {{"../memory.max", ""}}})),
               Error);
}

TEST(Plan, RefusesWhatTheKernelWouldSilentlyChange) {
  EXPECT_THROW(static_cast<void>(plan_v1({.cpu_shares = 1})), Error);
  EXPECT_THROW(static_cast<void>(plan_v2({.cpu_shares = 300'000})), Error);
  EXPECT_THROW(static_cast<void>(plan_v2({.io_weight = 5})), Error);
  try {
    static_cast<void>(plan_v1({.unified = {{"memory.high", "1"}}}));
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("memory.high"));
  }
}

}  // namespace
}  // namespace docker_cpp::cgroups
