// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>

#include "docker_cpp/sys/unique_fd.hpp"

namespace docker_cpp::monitor {

/// The monitor's one thread: waits for descriptors, calls back. \man{epoll,7}
class Loop {
 public:
  using Handler = std::function<void(std::uint32_t events)>;

  Loop();

  /// Calls `handler` with EPOLLIN, EPOLLOUT, EPOLLHUP… A handler may forget
  /// any descriptor, its own too. \throws Error
  void watch(int fd, std::uint32_t events, Handler handler);
  void change(int fd, std::uint32_t events);
  void forget(int fd);

  /// Waits once (-1: for ever) and calls who is ready.
  /// \returns how many were
  int step(int timeout_ms = -1);

 private:
  sys::UniqueFd epoll_;
  std::map<int, std::shared_ptr<Handler>> handlers_;
};

}  // namespace docker_cpp::monitor
