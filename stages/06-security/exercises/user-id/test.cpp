// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "exercise.hpp"

std::string read(std::string_view text) {
  const auto user = parse_user(text);
  if (!user) {
    return "refused";
  }
  const auto* id = std::get_if<std::uint32_t>(&*user);
  return id != nullptr ? "id " + std::to_string(*id)
                       : "name " + std::get<std::string>(*user);
}

TEST(ParseUser, NeverWraps) {
  EXPECT_EQ(read("1000"), "id 1000");
  EXPECT_EQ(read("0"), "id 0");
  EXPECT_EQ(read("2147483647"), "id 2147483647");
  EXPECT_EQ(read("web"), "name web");
  EXPECT_EQ(read("4web"), "name 4web") << "digits and letters are a name";
  EXPECT_EQ(read("-1"), "name -1") << "no such user will be found";
  EXPECT_EQ(read("4294967296"), "refused") << "in 32 bits this is root";
  EXPECT_EQ(read("4294967295"), "refused") << "and this means: no change";
  EXPECT_EQ(read("18446744073709551616"), "refused");
  EXPECT_EQ(read(""), "refused");
}
