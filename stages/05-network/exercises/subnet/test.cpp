// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "exercise.hpp"

TEST(Subnet, GivesAddresses) {
  const auto wide = parse_subnet("10.1.2.3/8");
  ASSERT_TRUE(wide);
  EXPECT_EQ(wide->network, 0x0A000000U) << "only the network's bits count";
  for (const char* bad : {"", "10.0.0.0", "10.0.0/8", "10.0.0.0/33",
                          "10.0.0.0/8x", "10.0.0.256/8", "a/8"}) {
    EXPECT_FALSE(parse_subnet(bad)) << "'" << bad << "' is no subnet";
  }
  const auto small = parse_subnet("192.0.2.0/29").value();  // .1 to .6
  const std::uint32_t base = 0xC0000200;
  EXPECT_EQ(next_address(small, {}, 0), base + 1);
  EXPECT_EQ(next_address(small, {base + 1}, 0), base + 2) << ".1 is taken";
  EXPECT_EQ(next_address(small, {base + 1, base + 3}, base + 2), base + 4);
  EXPECT_EQ(next_address(small, {base + 1}, base + 6), base + 2)
      << ".7 is the broadcast's: begin again at the front";
  EXPECT_EQ(next_address(small, {base + 3}, base + 3), base + 4)
      << "what was given back a moment ago is not the next one";
  std::set<std::uint32_t> all;
  for (std::uint32_t i = 1; i <= 6; ++i) {
    all.insert(base + i);
  }
  EXPECT_EQ(next_address(small, all, 0), std::nullopt) << "none is left";
}
