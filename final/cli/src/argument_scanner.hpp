// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <vector>

#include "docker_cpp/cli/arguments.hpp"

namespace docker_cpp::cli {

/// An option found on the command line, and the text that belongs to it.
struct Occurrence {
  const OptionSpec* option;
  std::string value;
};

struct Scanned {
  std::vector<Occurrence> occurrences;
  std::vector<std::string> words;
  bool help = false;
};

/// Reads the spellings that pflag, docker's parser, knows and CLI11 does not:
/// `-e=X`, `-i=true`, `-ti=false`, `--name=`, options that end at the first
/// word; and refuses in pflag's words.
/// \throws UsageError
[[nodiscard]] Scanned scan_arguments(std::span<const std::string> arguments,
                                     std::span<const OptionSpec> options,
                                     Order order);

}  // namespace docker_cpp::cli
