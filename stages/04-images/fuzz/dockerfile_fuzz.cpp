// SPDX-License-Identifier: Apache-2.0
// Dockerfiles of strangers: read, planned, and every word of them expanded.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "docker_cpp/dockerfile/graph.hpp"
#include "docker_cpp/dockerfile/run_mount.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  using namespace docker_cpp::dockerfile;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto file = parse(text);
  if (!file) {
    if (show(file.error(), "Dockerfile", text).empty()) {
      std::abort();
    }
    return 0;
  }
  static_cast<void>(plan_stages(*file, {}));
  const Expander expander(
      [](std::string_view name) { return std::string(name); }, file->escape);
  for (const Instruction& one : file->instructions) {
    for (const std::string& mount : one.values("mount")) {
      static_cast<void>(parse_run_mount(mount));
    }
    try {
      static_cast<void>(expander.word(one.rest));
      static_cast<void>(expander.words(one.rest));
    } catch (const Problem& problem) {
      if (problem.message.empty()) {
        std::abort();
      }
    }
  }
  return 0;
}
