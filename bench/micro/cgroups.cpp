// SPDX-License-Identifier: Apache-2.0
// Stage 02: a cgroup's life, on whichever version the machine has.
#include <unistd.h>

#include <memory>
#include <string>

#include <benchmark/benchmark.h>

#include "docker_cpp/cgroups/cgroup.hpp"
#include "docker_cpp/cgroups/join.hpp"
#include "docker_cpp/namespaces/process.hpp"

namespace {

namespace cg = docker_cpp::cgroups;
namespace ns = docker_cpp::namespaces;

std::string path() {
  return "/docker-cpp-bench/micro" + std::to_string(::getpid());
}

void create_remove(benchmark::State& state) {
  for (auto _ : state) {
    auto cgroup = cg::Cgroup::create(path());
    cgroup.remove();
  }
}
BENCHMARK(create_remove)->Name("02 cgroup create, remove")->UseRealTime();

void create_limited(benchmark::State& state) {
  cg::Resources resources;
  resources.memory_limit = 64 << 20;
  resources.pids_limit = 100;
  for (auto _ : state) {
    auto cgroup = cg::Cgroup::create(path(), resources);
    cgroup.remove();
  }
}
BENCHMARK(create_limited)
    ->Name("02 cgroup create with limits, remove")
    ->UseRealTime();

void join(benchmark::State& state) {
  auto cgroup = cg::Cgroup::create(path());
  for (auto _ : state) {
    ns::Isolations isolations;
    isolations.push_back(std::make_unique<cg::JoinCgroup>(cgroup));
    auto process = ns::Process::start(
        {.args = {"/bin/busybox", "true"}, .env = {}}, isolations);
    benchmark::DoNotOptimize(process.wait());
  }
  cgroup.remove();
}
BENCHMARK(join)->Name("02 clone into a cgroup, exec, wait")->UseRealTime();

void statistics(benchmark::State& state) {
  auto cgroup = cg::Cgroup::create(path());
  for (auto _ : state) {
    benchmark::DoNotOptimize(cgroup.statistics());
  }
  cgroup.remove();
}
BENCHMARK(statistics)->Name("02 cgroup statistics")->UseRealTime();

}  // namespace
