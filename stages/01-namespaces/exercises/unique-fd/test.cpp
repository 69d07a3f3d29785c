// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <unistd.h>

#include <utility>

#include <gtest/gtest.h>

#include "exercise.hpp"

bool is_open(int fd) {
  return ::fcntl(fd, F_GETFD) != -1;
}

int any() {
  return ::open("/dev/null", O_RDONLY | O_CLOEXEC);
}

TEST(OwnedFd, ClosesExactlyOnce) {
  const int first = any();
  {
    const OwnedFd owner(first);
  }
  ASSERT_FALSE(is_open(first)) << "the destructor closes what is owned";

  const int moved = any();
  {
    OwnedFd to;
    {
      OwnedFd from(moved);
      to = std::move(from);
      EXPECT_EQ(from.get(), -1) << "who was moved from owns nothing";
    }
    ASSERT_TRUE(is_open(moved)) << "it was closed by who had given it away";
  }
  ASSERT_FALSE(is_open(moved)) << "the last owner closes it";

  const int replaced = any();
  const int kept = any();
  OwnedFd owner(replaced);
  owner = OwnedFd(kept);
  EXPECT_FALSE(is_open(replaced)) << "what was owned before is leaked";
  OwnedFd& same = owner;
  owner = std::move(same);
  ASSERT_TRUE(is_open(kept)) << "moved to itself, it must keep what it has";

  EXPECT_EQ(owner.release(), kept);
  EXPECT_EQ(owner.get(), -1) << "released means: not closed by us any more";
  ::close(kept);
}
