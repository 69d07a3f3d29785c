// SPDX-License-Identifier: Apache-2.0
// How long a container's connection takes: median of many, in a network
// namespace of its own.
#include <fcntl.h>
#include <sched.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <thread>
#include <vector>

#include "docker_cpp/network/bridge_network.hpp"
#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace {

using docker_cpp::must;
namespace net = docker_cpp::network;
namespace sys = docker_cpp::sys;

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

template <typename Work>
double milliseconds(Work work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double, std::milli>(
             std::chrono::steady_clock::now() - start)
      .count();
}

sys::UniqueFd new_netns() {
  sys::UniqueFd made;
  std::thread([&] {
    must(sys::unshare(CLONE_NEWNET), "make a network namespace");
    made = must(sys::open("/proc/thread-self/ns/net", O_RDONLY), "open it");
  }).join();
  return made;
}

}  // namespace

int main() {
  must(sys::unshare(CLONE_NEWNET), "make a network namespace");
  net::BridgeNetwork network({});
  std::vector<double> connects;
  std::vector<double> disconnects;
  for (int i = 0; i < 200; ++i) {
    auto container = new_netns();
    const net::EndpointRequest request{
        .container_id = "container" + std::to_string(i),
        .ports = {{.container_port = 80, .host_port = 8080}}};
    connects.push_back(milliseconds(
        [&] { static_cast<void>(network.connect(container.get(), request)); }));
    disconnects.push_back(
        milliseconds([&] { network.disconnect(request.container_id); }));
  }
  std::printf("connect %.2f ms, disconnect %.2f ms (medians of %zu)\n",
              median(connects), median(disconnects), connects.size());
  return 0;
}
