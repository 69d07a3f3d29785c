// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <utility>

namespace docker_cpp::sys {

// [unique-fd]
/// Owns one file descriptor and closes it, once.
///
/// There is no conversion to int: a descriptor leaves its owner only where the
/// text says get() (look) or release() (take).
class UniqueFd {
 public:
  UniqueFd() noexcept = default;

  explicit UniqueFd(int fd) noexcept : fd_(fd) {}

  ~UniqueFd() { reset(); }

  UniqueFd(const UniqueFd&) = delete;
  UniqueFd& operator=(const UniqueFd&) = delete;

  UniqueFd(UniqueFd&& other) noexcept : fd_(other.release()) {}

  UniqueFd& operator=(UniqueFd&& other) noexcept {
    reset(other.release());
    return *this;
  }

  [[nodiscard]] int get() const noexcept { return fd_; }

  [[nodiscard]] int release() noexcept { return std::exchange(fd_, -1); }

  [[nodiscard]] explicit operator bool() const noexcept { return fd_ >= 0; }

  /// Closes what is held, then holds `fd`.
  void reset(int fd = -1) noexcept;

 private:
  int fd_ = -1;
};

// [unique-fd]

}  // namespace docker_cpp::sys
