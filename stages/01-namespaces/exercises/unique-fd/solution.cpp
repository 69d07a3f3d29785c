// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <utility>

#include "exercise.hpp"

OwnedFd::OwnedFd(OwnedFd&& other) noexcept : fd_(other.release()) {}

OwnedFd& OwnedFd::operator=(OwnedFd&& other) noexcept {
  const int taken = other.release();  // first: other may be *this
  if (fd_ >= 0) {
    ::close(fd_);
  }
  fd_ = taken;
  return *this;
}

OwnedFd::~OwnedFd() {
  if (fd_ >= 0) {
    ::close(fd_);
  }
}

int OwnedFd::release() {
  return std::exchange(fd_, -1);
}
