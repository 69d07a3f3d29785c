// SPDX-License-Identifier: Apache-2.0
// Stage 03: an overlay, and a whole root with Docker's mounts.
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "scratch.hpp"

#include "docker_cpp/namespaces/namespaces.hpp"
#include "docker_cpp/namespaces/process.hpp"
#include "docker_cpp/rootfs/overlay.hpp"
#include "docker_cpp/rootfs/root_filesystem.hpp"

namespace {

namespace fs = std::filesystem;
namespace ns = docker_cpp::namespaces;
namespace rootfs = docker_cpp::rootfs;
using docker_cpp::bench::Scratch;

rootfs::OverlayRoot layers(const Scratch& scratch, std::int64_t count) {
  rootfs::OverlayRoot root{
      .upper = scratch / "upper", .work = scratch / "work", .durable = false};
  for (const auto& folder : {root.upper, root.work}) {
    fs::create_directories(folder);
  }
  for (std::int64_t i = 0; i < count; ++i) {
    root.lower.push_back(scratch / ("layer" + std::to_string(i)));
    fs::create_directories(root.lower.back() + "/bin");
  }
  fs::copy_file("/bin/busybox", root.lower.back() + "/bin/busybox");
  return root;
}

void overlay(benchmark::State& state) {
  const Scratch scratch;
  const auto root = layers(scratch, state.range(0));
  for (auto _ : state) {
    benchmark::DoNotOptimize(rootfs::mount_overlay(root));
  }
}
BENCHMARK(overlay)
    ->Name("03 overlay mount, layers")
    ->RangeMultiplier(10)
    ->Range(1, 100)
    ->UseRealTime();

void whole_root(benchmark::State& state) {
  const Scratch scratch;
  const rootfs::RootPlan plan{
      .root = layers(scratch, 3),
      .mounts = rootfs::default_mounts(),
      .devices = rootfs::default_devices(),
      .masked_paths = rootfs::default_masked_paths(),
      .read_only_paths = rootfs::default_read_only_paths()};
  for (auto _ : state) {
    ns::Isolations isolations;
    isolations.push_back(std::make_unique<ns::NewNamespaces>(
        std::vector{ns::Kind::pid, ns::Kind::mount}));
    isolations.push_back(std::make_unique<rootfs::RootFilesystem>(plan));
    auto process = ns::Process::start(
        {.args = {"/bin/busybox", "true"}, .env = {}}, isolations);
    benchmark::DoNotOptimize(process.wait());
  }
}
BENCHMARK(whole_root)
    ->Name("03 a root with Docker's mounts, exec, wait")
    ->UseRealTime();

}  // namespace
