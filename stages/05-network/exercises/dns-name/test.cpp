// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <vector>

#include <gtest/gtest.h>

#include "exercise.hpp"

using Bytes = std::vector<std::uint8_t>;

TEST(ReadName, BelievesNothing) {
  ::alarm(5);  // a circle has no end
  const Bytes plain = {3, 'w', 'e', 'b', 3, 'n', 'e', 't', 0};
  EXPECT_EQ(read_name(plain, 0), "web.net") << "no dot at the end";
  EXPECT_EQ(read_name(plain, 4), "net");
  Bytes packed = plain;
  packed.insert(packed.end(), {2, 'd', 'b', 0xC0, 4});
  EXPECT_EQ(read_name(packed, 9), "db.net")
      << "a length of 0xC0 and more is a pointer";
  EXPECT_EQ(read_name(Bytes{0}, 0), "") << "the root";
  EXPECT_EQ(read_name(Bytes{5, 'a'}, 0), std::nullopt)
      << "the label is longer than the packet";
  EXPECT_EQ(read_name(Bytes{3, 'w', 'e', 'b'}, 0), std::nullopt)
      << "it does not end";
  EXPECT_EQ(read_name(Bytes{0xC0, 0}, 0), std::nullopt)
      << "a pointer that points at itself";
  EXPECT_EQ(read_name(Bytes{0xC0, 2, 0xC0, 0}, 0), std::nullopt)
      << "two that point at each other";
  EXPECT_EQ(read_name(Bytes{0xC0}, 0), std::nullopt) << "half a pointer";
  EXPECT_EQ(read_name(Bytes{0x80, 0}, 0), std::nullopt) << "neither";
  Bytes longest;
  for (int i = 0; i < 5; ++i) {
    longest.push_back(63);
    longest.insert(longest.end(), 63, 'x');
  }
  longest.push_back(0);
  EXPECT_EQ(read_name(longest, 0), std::nullopt) << "more than 255 bytes";
  EXPECT_EQ(read_name(plain, 100), std::nullopt);
}
