// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "exercise.hpp"

std::int64_t quota(std::string_view cpus) {
  const auto read = cpu_quota(cpus);
  return read ? read->quota_us : -1;
}

TEST(CpuQuota, IsExact) {
  EXPECT_EQ(quota("1"), 100'000);
  EXPECT_EQ(quota("1.5"), 150'000) << "halves get lost";
  EXPECT_EQ(quota("0.29"), 29'000) << "0.29 is not a double: use integers";
  EXPECT_EQ(quota(".5"), 50'000);
  EXPECT_EQ(quota("64"), 6'400'000);
  EXPECT_EQ(cpu_quota("2").value().period_us, 100'000);
  for (const char* bad : {"", ".", "-1", "1,5", "1.5.2", "two", "0", "0.001",
                          "99999999999999999999"}) {
    EXPECT_FALSE(cpu_quota(bad)) << "'" << bad << "' makes no quota";
  }
}
