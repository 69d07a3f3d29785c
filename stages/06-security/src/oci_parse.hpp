// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>
#include <utility>

#include "docker_cpp/oci/spec.hpp"

// The parts of parse_spec, one file for each big object of a config.json.
namespace docker_cpp::oci {

[[nodiscard]] ProcessSpec read_process(const JsonView& json);
[[nodiscard]] LinuxSpec read_linux(const JsonView& json);
[[nodiscard]] cgroups::Resources read_resources(const JsonView& json);
/// The parts of `linux` that few use. linux.intelRdt, linux.netDevices,
/// linux.memoryPolicy
void read_machine(const JsonView& json, LinuxSpec& linux_spec);
/// "0-3,7"; nothing when the list is empty.
[[nodiscard]] std::optional<BitSet> read_bit_set(const JsonView& json);
[[nodiscard]] Hooks read_hooks(const JsonView& json);
[[nodiscard]] std::vector<namespaces::IdRange> read_id_maps(
    const JsonView& json);

/// A word of the specification and what it means to the kernel.
template <typename Value>
using Word = std::pair<std::string_view, Value>;

/// The value of one of a fixed set of words; any other is refused.
template <typename Value, std::size_t Size>
[[nodiscard]] Value read_word(const JsonView& json,
                              const std::array<Word<Value>, Size>& words) {
  const std::string text = json.string();
  const auto found = std::ranges::find(words, text, &Word<Value>::first);
  if (found == words.end()) {
    json.refuse("unknown value \"" + text + "\"");
  }
  return found->second;
}

}  // namespace docker_cpp::oci
