// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "exercise.hpp"

std::uint64_t mask(const std::vector<std::string>& add,
                   const std::vector<std::string>& drop) {
  return capability_mask(add, drop).value_or(~0ULL);
}

TEST(CapabilityMask, IsWhatWasAskedFor) {
  EXPECT_EQ(mask({}, {}), default_mask);
  EXPECT_EQ(mask({"SYS_ADMIN"}, {}), default_mask | sys_admin_bit)
      << "one more, and not all";
  EXPECT_EQ(mask({}, {"NET_RAW"}), chown_bit);
  EXPECT_EQ(mask({"CHOWN"}, {"ALL"}), chown_bit)
      << "drop ALL, add one: exactly one";
  EXPECT_EQ(mask({"ALL"}, {"SYS_ADMIN"}), every_bit & ~sys_admin_bit)
      << "add ALL, drop one: all but one";
  EXPECT_EQ(mask({"cap_sys_admin"}, {"Cap_Net_Raw"}), chown_bit | sys_admin_bit)
      << "with CAP_ and without, in any case";
  const auto unknown = capability_mask({"SYS_GOD"}, {});
  ASSERT_FALSE(unknown) << "a name nobody knows must not be ignored";
  EXPECT_NE(unknown.error().find("SYS_GOD"), std::string::npos);
}
