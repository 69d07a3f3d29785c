// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Owns a descriptor; -1 owns none.
class OwnedFd {
 public:
  OwnedFd() = default;
  explicit OwnedFd(int fd) : fd_(fd) {}
  OwnedFd(const OwnedFd&) = delete;
  OwnedFd& operator=(const OwnedFd&) = delete;
  OwnedFd(OwnedFd&& other) noexcept;
  OwnedFd& operator=(OwnedFd&& other) noexcept;
  ~OwnedFd();

  [[nodiscard]] int get() const { return fd_; }
  /// Gives it away: from now on somebody else closes it.
  [[nodiscard]] int release();

 private:
  int fd_ = -1;
};
