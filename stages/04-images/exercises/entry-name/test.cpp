// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "exercise.hpp"

TEST(CleanName, RefusesWhatLeadsOut) {
  EXPECT_EQ(clean_name("a/b"), "a/b");
  EXPECT_EQ(clean_name("./a//b/"), "a/b");
  EXPECT_EQ(clean_name("/etc/passwd"), "etc/passwd")
      << "an absolute name means the layer's root: many archives have them";
  EXPECT_EQ(clean_name("."), "");
  EXPECT_EQ(clean_name("..."), "...") << "three dots are a name";
  EXPECT_EQ(clean_name("a..b/..c"), "a..b/..c");
  for (const char* bad : {"..", "../x", "a/../../x", "a/..", "/../x"}) {
    EXPECT_EQ(clean_name(bad), std::nullopt) << bad << " leads out";
  }
  EXPECT_EQ(clean_name(std::string_view("a\0b", 3)), std::nullopt)
      << "the kernel would read another name than you did";
}
