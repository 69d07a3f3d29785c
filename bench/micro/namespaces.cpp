// SPDX-License-Identifier: Apache-2.0
// Stage 01: making a process, alone and with namespaces, and joining those of
// another.
#include "docker_cpp/namespaces/namespaces.hpp"

#include <memory>
#include <vector>

#include <benchmark/benchmark.h>

#include "docker_cpp/namespaces/process.hpp"

namespace {

namespace ns = docker_cpp::namespaces;
using ns::Kind;

/// Busybox is static, so little of the time is the dynamic linker's.
const ns::Program quick{.args = {"/bin/busybox", "true"}, .env = {}};

void run_in(benchmark::State& state, const std::vector<Kind>& kinds) {
  for (auto _ : state) {
    ns::Isolations isolations;
    isolations.push_back(std::make_unique<ns::NewNamespaces>(kinds));
    auto process = ns::Process::start(quick, isolations);
    benchmark::DoNotOptimize(process.wait());
  }
}

void clone_plain(benchmark::State& state) {
  run_in(state, {});
}
BENCHMARK(clone_plain)->Name("01 clone, exec, wait")->UseRealTime();

void clone_network(benchmark::State& state) {
  run_in(state, {Kind::network});
}
BENCHMARK(clone_network)
    ->Name("01 the same with a network namespace")
    ->UseRealTime();

void clone_all(benchmark::State& state) {
  run_in(state, {Kind::ipc, Kind::uts, Kind::network, Kind::pid, Kind::mount});
}
BENCHMARK(clone_all)->Name("01 the same with five namespaces")->UseRealTime();

void join_all(benchmark::State& state) {
  ns::Isolations isolations;
  isolations.push_back(std::make_unique<ns::NewNamespaces>(std::vector{
      Kind::ipc, Kind::uts, Kind::network, Kind::pid, Kind::mount}));
  auto host = ns::Process::start(
      {.args = {"/bin/busybox", "sleep", "1000"}, .env = {}}, isolations);
  for (auto _ : state) {
    ns::Isolations joined;
    joined.push_back(std::make_unique<ns::JoinNamespaces>(
        ns::JoinNamespaces::of_process(host.pid())));
    auto process = ns::Process::start(quick, joined);
    benchmark::DoNotOptimize(process.wait());
  }
}
BENCHMARK(join_all)->Name("01 the same, joining five")->UseRealTime();

}  // namespace
