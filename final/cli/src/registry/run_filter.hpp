// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace docker_cpp::cli {

struct FilterResult {
  int exit_code = 0;  ///< 127: it could not be started
  std::string output;
};

/// Runs a program with `input` on its stdin and takes its stdout. Its stderr
/// is ours. The input must be small: it is written before the output is read.
[[nodiscard]] FilterResult run_filter(std::vector<std::string> command,
                                      const std::string& input);

/// The path of a program of ours: beside this one, else as PATH finds it.
[[nodiscard]] std::string own_program(const std::string& name);

}  // namespace docker_cpp::cli
