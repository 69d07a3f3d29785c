// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace docker_cpp::dockerfile {

/// What is wrong in a Dockerfile, and where. A value, and what the parser
/// throws inside.
struct Problem {
  std::string message;  ///< in Docker's words where scripts match on them
  int line = 0;         ///< from 1; 0: of the file as a whole
  std::string word;     ///< what to point at in that line; may be empty
  std::string hint;     ///< what to do about it; may be empty
};

/// As compilers show it:
///
///     Dockerfile:12: unknown instruction: RUNN
///        12 | RUNN apt-get update
///           | ^~~~
///     hint: did you mean RUN?
[[nodiscard]] std::string show(const Problem& problem,
                               std::string_view file_name,
                               std::string_view source);

}  // namespace docker_cpp::dockerfile
