// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/sys/unique_fd.hpp"

#include <unistd.h>

#include <cerrno>

namespace docker_cpp::sys {

void UniqueFd::reset(int fd) noexcept {
  const int old = std::exchange(fd_, fd);
  if (old < 0 || old == fd) {
    return;
  }
  // A destructor runs while an error is on its way up: keep that error's errno.
  const int saved_errno = errno;
  // Never retried. Linux frees the number even when close(2) says EINTR, so a
  // second close could hit a descriptor that another thread has just opened.
  (void)::close(old);
  errno = saved_errno;
}

}  // namespace docker_cpp::sys
