// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/sys/unique_fd.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <type_traits>

#include <gtest/gtest.h>

namespace docker_cpp::sys {
namespace {

bool is_open(int fd) {
  return ::fcntl(fd, F_GETFD) != -1;
}

static_assert(!std::is_copy_constructible_v<UniqueFd>);
static_assert(!std::is_convertible_v<UniqueFd, int>);

TEST(UniqueFd, ClosesWhenItsScopeEnds) {
  int seen = -1;
  {
    const UniqueFd fd(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    seen = fd.get();
    ASSERT_TRUE(is_open(seen));
  }
  EXPECT_FALSE(is_open(seen));
}

TEST(UniqueFd, KeepsErrnoOfTheErrorOnItsWayUp) {
  UniqueFd broken(1'000'000);  // close(2) will say EBADF
  errno = ENOENT;
  broken.reset();
  EXPECT_EQ(errno, ENOENT);
}

}  // namespace
}  // namespace docker_cpp::sys
