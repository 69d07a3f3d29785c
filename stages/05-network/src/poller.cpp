// SPDX-License-Identifier: Apache-2.0
#include "poller.hpp"

#include <utility>

#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/result.hpp"

namespace docker_cpp::network {

Poller::Poller() : epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
  must(sys::check_void(epoll_.get(), "epoll_create1"), "wait for sockets");
}

std::uint64_t Poller::add(int fd, std::uint32_t events, Ready ready) {
  const std::uint64_t watch = next_++;
  epoll_event event{};
  event.events = events;
  event.data.u64 = watch;
  must(sys::check_void(::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event),
                       "epoll_ctl"),
       "wait for a socket");
  watches_.emplace(watch, std::move(ready));
  return watch;
}

void Poller::change(std::uint64_t watch, int fd, std::uint32_t events) {
  epoll_event event{};
  event.events = events;
  event.data.u64 = watch;
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, fd, &event);
}

void Poller::remove(std::uint64_t watch, int fd) {
  if (watches_.erase(watch) != 0) {
    ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr);
  }
}

int Poller::wait(std::chrono::milliseconds patience) {
  return ::epoll_wait(epoll_.get(), events_.data(), at_once,
                      static_cast<int>(patience.count()));
}

void Poller::dispatch(int count) {
  for (int i = 0; i < count; ++i) {
    const auto& event = events_.at(static_cast<std::size_t>(i));
    const auto found = watches_.find(event.data.u64);
    if (found != watches_.end()) {
      const Ready ready = found->second;  // it may remove itself
      ready(event.events);
    }
  }
}

}  // namespace docker_cpp::network
