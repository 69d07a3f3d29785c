// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/cgroups/parse_limit.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "docker_cpp/cgroups/limiter.hpp"

namespace docker_cpp::cgroups {
namespace {

using ::testing::HasSubstr;

std::int64_t bytes(std::string_view text) {
  const auto limit = parse_memory_limit(text);
  return limit ? limit->bytes : -2;
}

TEST(ParseMemoryLimit, TakesWhatDockerRunTakes) {
  EXPECT_EQ(bytes("4096"), 4096);
  EXPECT_EQ(bytes("100b"), 100);
  EXPECT_EQ(bytes("512k"), 512 << 10);
  EXPECT_EQ(bytes("512m"), 512 << 20);
  EXPECT_EQ(bytes("1.5G"), 3LL << 29);
  EXPECT_EQ(bytes("2t"), 2LL << 40);
  EXPECT_EQ(bytes("64MB"), 64 << 20);
  EXPECT_EQ(bytes("64MiB"), 64 << 20);
  EXPECT_EQ(bytes("64 m"), 64 << 20);
  EXPECT_EQ(bytes("0"), 0);
  EXPECT_EQ(bytes("-1"), -1);
}

TEST(ParseMemoryLimit, RefusesTheRestWithASentence) {
  for (const char* text :
       {"", "m", "12x", "-5m", "1..5m", "5mm", "512 ", "9999999p", "1.m",
        "0x10", "5m 5m", "99999999999999999999", "1.0000000001g"}) {
    EXPECT_EQ(bytes(text), -2) << text;
  }
  EXPECT_THAT(parse_memory_limit("12x").error(), HasSubstr("'12x'"));
}

TEST(ParseCpuLimit, CountsInBillionthsWithoutRounding) {
  EXPECT_EQ(parse_cpu_limit("1.5")->nano_cpus, 1'500'000'000);
  EXPECT_EQ(parse_cpu_limit("0.29")->nano_cpus, 290'000'000);
  EXPECT_EQ(parse_cpu_limit(".5")->nano_cpus, 500'000'000);
  EXPECT_EQ(parse_cpu_limit("2")->nano_cpus, 2'000'000'000);
  for (const char* text : {"", "a", "1.", "-1", "1e3", "1.0000000001"}) {
    EXPECT_FALSE(parse_cpu_limit(text)) << text;
  }
}

TEST(ParsePidsLimit, MakesZeroAndMinusOneNoLimit) {
  EXPECT_EQ(parse_pids_limit("20")->most, 20);
  EXPECT_EQ(parse_pids_limit("0")->most, -1);
  EXPECT_EQ(parse_pids_limit("-1")->most, -1);
  EXPECT_FALSE(parse_pids_limit("many"));
}

TEST(ParseCpuset, KnowsListsOfRanges) {
  EXPECT_EQ(parse_cpuset("0-2,7"), "0-2,7");
  for (const char* text : {"", "a", "2-1", "0,", "0-", "0 1", "-1"}) {
    EXPECT_FALSE(parse_cpuset(text)) << text;
  }
}

TEST(ResourceLimiter, PutsEachKindWhereItBelongs) {
  const Resources resources = ResourceLimiter()
                                  .limit(*parse_memory_limit("64m"))
                                  .limit(*parse_cpu_limit("0.5"))
                                  .limit(*parse_pids_limit("20"))
                                  .resources();
  EXPECT_EQ(resources.memory_limit, 64 << 20);
  EXPECT_EQ(resources.cpu_quota, 50'000);
  EXPECT_EQ(resources.cpu_period, 100'000U);
  EXPECT_EQ(resources.pids_limit, 20);
}

}  // namespace
}  // namespace docker_cpp::cgroups
