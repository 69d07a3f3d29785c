// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "docker_cpp/cli/units.hpp"
#include "docker_cpp/cli/value.hpp"

namespace docker_cpp::cli::compose {

/// The keys under which `!reset` and `!override` are kept until files merge.
inline constexpr std::string_view reset_key = "!reset";
inline constexpr std::string_view override_key = "!override";

/// A YAML document (1.2's core schema, with `<<` merge keys, as compose files
/// use them). \returns the document, or what is wrong and on which line
[[nodiscard]] Parsed<Value> parse_yaml(const std::string& text);

/// As `compose config` prints it: two spaces, strings quoted where they would
/// be taken for something else.
[[nodiscard]] std::string print_yaml(const Value& value);

}  // namespace docker_cpp::cli::compose
