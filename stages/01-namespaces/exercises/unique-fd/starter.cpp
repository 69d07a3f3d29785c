// SPDX-License-Identifier: Apache-2.0
#include "exercise.hpp"

OwnedFd::OwnedFd(OwnedFd&& other) noexcept : fd_(other.fd_) {}

OwnedFd& OwnedFd::operator=(OwnedFd&& other) noexcept {
  fd_ = other.fd_;
  return *this;
}

OwnedFd::~OwnedFd() = default;

int OwnedFd::release() {
  return fd_;
}
