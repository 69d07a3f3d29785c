// SPDX-License-Identifier: Apache-2.0
// Stage 06: the filter, compiled and loaded, and a config.json, read.
#include <memory>

#include <benchmark/benchmark.h>

#include "docker_cpp/namespaces/process.hpp"
#include "docker_cpp/oci/spec.hpp"
#include "docker_cpp/oci/template.hpp"
#include "docker_cpp/security/capabilities.hpp"
#include "docker_cpp/security/seccomp.hpp"

namespace {

namespace ns = docker_cpp::namespaces;
namespace oci = docker_cpp::oci;
namespace security = docker_cpp::security;

security::FilterProgram compiled() {
  return security::compile_seccomp(
             security::default_profile(security::default_capabilities()))
      .value();
}

void compile(benchmark::State& state) {
  for (auto _ : state) {
    benchmark::DoNotOptimize(compiled());
  }
}
BENCHMARK(compile)->Name("06 Docker's filter, compiled")->UseRealTime();

void load(benchmark::State& state) {
  const auto program = compiled();
  for (auto _ : state) {
    ns::Isolations isolations;
    isolations.push_back(std::make_unique<security::Seccomp>(
        program, security::Seccomp::When::while_privileged));
    auto process = ns::Process::start(
        {.args = {"/bin/busybox", "true"}, .env = {}}, isolations);
    benchmark::DoNotOptimize(process.wait());
  }
}
BENCHMARK(load)
    ->Name("06 clone, load Docker's filter, exec, wait")
    ->UseRealTime();

void spec(benchmark::State& state) {
  const auto text = oci::template_for_root();
  for (auto _ : state) {
    benchmark::DoNotOptimize(oci::parse_spec(text));
  }
}
BENCHMARK(spec)->Name("06 config.json, read")->UseRealTime();

}  // namespace
