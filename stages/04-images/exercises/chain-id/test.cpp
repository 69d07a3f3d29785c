// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "exercise.hpp"

/// A hash that can be read.
std::string readable(const std::string& text) {
  return "(" + text + ")";
}

TEST(ChainIds, NameATreeByAllThatIsBelow) {
  using Ids = std::vector<std::string>;
  EXPECT_EQ(chain_ids({}, readable), Ids());
  EXPECT_EQ(chain_ids({"a"}, readable), Ids({"a"}))
      << "the lowest layer's chain id is its diff id, not a hash of it";
  EXPECT_EQ(chain_ids({"a", "b", "c"}, readable),
            Ids({"a", "(a b)", "((a b) c)"}))
      << "hash of the chain id below, a blank, and the diff id";
  EXPECT_NE(chain_ids({"a", "c"}, readable).back(),
            chain_ids({"b", "c"}, readable).back())
      << "the same layer on another one is another tree";
}
