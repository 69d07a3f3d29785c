// SPDX-License-Identifier: Apache-2.0
#include "loop.hpp"

#include <sys/epoll.h>

#include <array>
#include <utility>

#include "docker_cpp/sys/error.hpp"

namespace docker_cpp::monitor {

Loop::Loop()
    : epoll_(must(sys::check(::epoll_create1(EPOLL_CLOEXEC), "epoll_create1"),
                  "make an event loop")) {}

void Loop::watch(int fd, std::uint32_t events, Handler handler) {
  epoll_event wanted{.events = events, .data = {.fd = fd}};
  must(sys::check_void(::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &wanted),
                       "epoll_ctl"),
       "watch a descriptor");
  handlers_[fd] = std::make_shared<Handler>(std::move(handler));
}

void Loop::change(int fd, std::uint32_t events) {
  epoll_event wanted{.events = events, .data = {.fd = fd}};
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, fd, &wanted);
}

void Loop::forget(int fd) {
  if (handlers_.erase(fd) != 0) {
    ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr);
  }
}

int Loop::step(int timeout_ms) {
  std::array<epoll_event, 32> ready{};
  const int count = ::epoll_wait(epoll_.get(), ready.data(),
                                 static_cast<int>(ready.size()), timeout_ms);
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = ready.at(static_cast<std::size_t>(i));
    // A handler before this one may have forgotten the descriptor.
    const auto found = handlers_.find(event.data.fd);
    if (found != handlers_.end()) {
      const auto keep = found->second;
      (*keep)(event.events);
    }
  }
  return count;
}

}  // namespace docker_cpp::monitor
