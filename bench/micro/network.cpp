// SPDX-License-Identifier: Apache-2.0
// Stage 05: a container's connection, and its parts. The whole program has a
// network namespace of its own, which the first of these to run makes.
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>

#include <string>
#include <thread>
#include <vector>

#include <benchmark/benchmark.h>

#include "docker_cpp/network/bridge_network.hpp"
#include "docker_cpp/network/firewall.hpp"
#include "docker_cpp/network/links.hpp"
#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace {

using docker_cpp::must;
namespace net = docker_cpp::network;
namespace sys = docker_cpp::sys;

sys::UniqueFd new_netns() {
  sys::UniqueFd made;
  std::thread([&] {
    must(sys::unshare(CLONE_NEWNET), "make a network namespace");
    made = must(sys::open("/proc/thread-self/ns/net", O_RDONLY), "open it");
  }).join();
  return made;
}

void leave_the_host() {
  static const bool left = [] {
    must(sys::unshare(CLONE_NEWNET), "make a network namespace");
    return true;
  }();
  benchmark::DoNotOptimize(left);
}

void connect(benchmark::State& state) {
  leave_the_host();
  net::BridgeNetwork network({});
  for (auto _ : state) {
    state.PauseTiming();
    auto container = new_netns();
    state.ResumeTiming();
    const net::EndpointRequest request{
        .container_id = "container",
        .ports = {{.container_port = 80, .host_port = 8080}}};
    static_cast<void>(network.connect(container.get(), request));
    network.disconnect(request.container_id);
  }
}
BENCHMARK(connect)->Name("05 connect with a port, disconnect")->UseRealTime();

void veth(benchmark::State& state) {
  leave_the_host();
  auto links = net::Links::open();
  const sys::UniqueFd here(::open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC));
  for (auto _ : state) {
    links.create_veth({.name = "bench0",
                       .peer_name = "bench1",
                       .peer_netns = here.get(),
                       .peer_mac = {2, 0, 0, 0, 0, 1}});
    links.remove("bench0");
  }
}
BENCHMARK(veth)->Name("05 veth pair, made and removed")->UseRealTime();

/// One port more in a table that has so many already.
void firewall(benchmark::State& state) {
  leave_the_host();
  net::Firewall wall({.bridge = "bench-bridge",
                      .subnet = net::parse_subnet("172.31.0.1/16").value()});
  const auto target = net::parse_ipv4("172.31.0.2").value();
  const auto mapping = [&](std::int64_t port) {
    return net::PortMapping{.protocol = IPPROTO_TCP,
                            .host_port = static_cast<std::uint16_t>(port),
                            .target = target,
                            .target_port = 80};
  };
  std::vector<net::PortMapping> there;
  for (std::int64_t i = 0; i < state.range(0); ++i) {
    there.push_back(mapping(10'000 + i));
  }
  wall.rebuild(there);
  const std::vector one{mapping(9'000)};
  for (auto _ : state) {
    wall.add(one);
    wall.remove(one);
  }
  wall.destroy();
}
BENCHMARK(firewall)
    ->Name("05 a port added and removed, among")
    ->Arg(1)
    ->Arg(100)
    ->Arg(1'000)
    ->UseRealTime();

}  // namespace
