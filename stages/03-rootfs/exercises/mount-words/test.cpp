// SPDX-License-Identifier: Apache-2.0
#include <sys/mount.h>

#include <gtest/gtest.h>

#include "exercise.hpp"

TEST(MountWords, AreFlagsOrData) {
  EXPECT_EQ(parse_mount_options("ro,nosuid").flags, MS_RDONLY | MS_NOSUID);
  EXPECT_EQ(parse_mount_options("ro,rw").flags, 0UL) << "the later one wins";
  EXPECT_EQ(parse_mount_options("rw,ro").flags, MS_RDONLY);
  EXPECT_EQ(parse_mount_options("noexec,exec,nodev").flags, MS_NODEV);
  const auto tmpfs = parse_mount_options("size=64m,nosuid,mode=1777");
  EXPECT_EQ(tmpfs.flags, MS_NOSUID);
  EXPECT_EQ(tmpfs.data, "size=64m,mode=1777")
      << "what is no flag belongs to the file system, and flags do not";
  EXPECT_EQ(parse_mount_options("uid=prose").flags, 0UL)
      << "'ro' is a word of its own, not a part of another";
  EXPECT_EQ(parse_mount_options("").data, "");
}
