// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "docker_cpp/dockerfile/instruction.hpp"
#include "docker_cpp/dockerfile/problem.hpp"

namespace docker_cpp::dockerfile {

/// A Dockerfile, read and checked line by line; nothing is expanded yet.
struct Dockerfile {
  char escape = '\\';
  std::string syntax;  ///< of `# syntax=`; informative here
  std::string check;   ///< of `# check=`
  std::vector<Instruction> instructions;
  std::vector<std::string> warnings;  ///< a sentence each
};

/// Reads the whole language: directives, comments, continuation lines,
/// heredocs, flags, JSON and shell forms. Instructions that no build could
/// carry out are refused here, with their line.
[[nodiscard]] std::expected<Dockerfile, Problem> parse(std::string_view text);

/// One instruction on its own: a trigger of ONBUILD, `--change` of commit.
[[nodiscard]] std::expected<Instruction, Problem> parse_instruction(
    std::string_view line, char escape = '\\');

/// `["a", "b"]`; nothing when it is not an array of strings only.
[[nodiscard]] std::optional<std::vector<std::string>> parse_json_strings(
    std::string_view text);

/// "1h2m3.5s" as nanoseconds, Go's notation.
[[nodiscard]] std::expected<std::int64_t, std::string> parse_duration(
    std::string_view text);

inline constexpr std::size_t largest_dockerfile = std::size_t{8} << 20;

}  // namespace docker_cpp::dockerfile
