// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "exercise.hpp"

TEST(IdMap, TranslatesAsTheKernelDoes) {
  const std::vector<IdRange> map = {{0, 100'000, 1'000}, {5'000, 7, 1}};
  EXPECT_EQ(outside(map, 0), 100'000U) << "root inside";
  EXPECT_EQ(outside(map, 999), 100'999U);
  EXPECT_EQ(outside(map, 1'000), std::nullopt)
      << "an id that no line covers is nobody, and not the next free one";
  EXPECT_EQ(outside(map, 5'000), 7U) << "there is a second line";
  EXPECT_EQ(outside({}, 0), std::nullopt) << "an empty map maps nobody";
  const std::vector<IdRange> whole = {{0, 0, 0xFFFFFFFFU}};
  EXPECT_EQ(outside(whole, 0xFFFFFFFEU), 0xFFFFFFFEU)
      << "inside + count overflows: compare differences instead";
}
