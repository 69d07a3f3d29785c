// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <vector>

#include "docker_cpp/cli/command.hpp"

namespace docker_cpp::cli {

/// What a shell may offer for the last of `words` (which may be empty): names
/// of commands and options from the table, names of objects from `engine`,
/// which is asked only if they are wanted. "name\tdescription" per line; the
/// last line is ":files" if files are meant as well.
[[nodiscard]] std::vector<std::string> completions(
    std::span<const std::string> words, const Arguments& global);

/// The script that a shell loads. \returns nothing for an unknown shell
[[nodiscard]] std::string completion_script(std::string_view shell);

/// `completion`, `__complete`, `gen-man`: found before the table is.
/// \returns an exit code, or -1 if the words are none of them
[[nodiscard]] int run_own_words(std::span<const std::string> words,
                                const Arguments& global);

/// Writes docker-cpp.1 and one page per command into a folder.
/// \throws Failure
void write_manual(const std::string& folder);

}  // namespace docker_cpp::cli
