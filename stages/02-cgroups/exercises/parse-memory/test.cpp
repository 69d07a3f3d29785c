// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "exercise.hpp"

TEST(ParseMemory, ReadsWhatPeopleType) {
  EXPECT_EQ(parse_memory("512m").value_or(0), 512LL << 20);
  EXPECT_EQ(parse_memory("1.5g").value_or(0), 1536LL << 20);
  EXPECT_EQ(parse_memory("64KiB").value_or(0), 64LL << 10);
  EXPECT_EQ(parse_memory("1024").value_or(0), 1024) << "no unit means bytes";
  EXPECT_EQ(parse_memory("-1").value_or(0), -1) << "no limit";
  for (const char* bad : {"", "m", "12q", "1 m", "-5m", "0x10", "1mm", "1e3"}) {
    const auto read = parse_memory(bad);
    ASSERT_FALSE(read) << "'" << bad << "' is no size, but was read as "
                       << *read;
    EXPECT_NE(read.error().find(bad), std::string::npos)
        << "the sentence names what was typed";
  }
  ASSERT_FALSE(parse_memory("9999999999g"))
      << "it overflowed, and a container would have got another limit";
}
