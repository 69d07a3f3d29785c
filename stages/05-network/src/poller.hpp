// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/epoll.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>

#include "docker_cpp/sys/unique_fd.hpp"

namespace docker_cpp::network {

/// Calls back when a descriptor can be read or written. Each watch has a
/// number that is never used again, so an event that was collected before its
/// descriptor was closed meets nobody. \man{epoll,7}
class Poller {
 public:
  using Ready = std::function<void(std::uint32_t events)>;

  Poller();

  std::uint64_t add(int fd, std::uint32_t events, Ready ready);
  void change(std::uint64_t watch, int fd, std::uint32_t events);
  /// Before the descriptor is closed.
  void remove(std::uint64_t watch, int fd);

  /// Waits without holding anything; the events are for dispatch().
  int wait(std::chrono::milliseconds patience);
  void dispatch(int count);

 private:
  static constexpr int at_once = 64;

  sys::UniqueFd epoll_;
  std::array<epoll_event, at_once> events_{};
  std::uint64_t next_ = 1;
  std::map<std::uint64_t, Ready> watches_;
};

}  // namespace docker_cpp::network
