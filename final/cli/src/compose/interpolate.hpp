// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "docker_cpp/cli/units.hpp"
#include "docker_cpp/cli/value.hpp"

namespace docker_cpp::cli::compose {

using Variables = std::map<std::string, std::string>;

/// `$VAR ${VAR} ${VAR:-word} ${VAR-word} ${VAR:?word} ${VAR?word}
/// ${VAR:+word} ${VAR+word}` and `$$`, the words interpolated in turn.
/// Variables that are not set are named in `missing` and become nothing.
[[nodiscard]] Parsed<std::string> interpolate(
    std::string_view text, const Variables& variables,
    std::vector<std::string>& missing);

/// In every string of a document (not in keys). Errors name the place.
[[nodiscard]] Parsed<Value> interpolate_all(const Value& document,
                                            const Variables& variables,
                                            std::vector<std::string>& missing);

/// A .env file: KEY=value, quotes, comments, `export`, earlier variables.
[[nodiscard]] Parsed<Variables> parse_dotenv(const std::string& text,
                                             const Variables& known);

/// Words of a command line, with quotes and backslashes, as a shell splits
/// them.
[[nodiscard]] Parsed<std::vector<std::string>> shell_words(
    std::string_view text);

}  // namespace docker_cpp::cli::compose
