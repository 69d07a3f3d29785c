// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/dockerfile/problem.hpp"

#include <algorithm>

#include "text.hpp"

namespace docker_cpp::dockerfile {

std::string show(const Problem& problem, std::string_view file_name,
                 std::string_view source) {
  std::string out(file_name);
  if (problem.line > 0) {
    out += ":" + std::to_string(problem.line);
  }
  out += ": " + problem.message;
  std::string_view line;
  for (int i = 0; i < problem.line; ++i) {
    line = take_line(source);
  }
  if (problem.line > 0 && !trim(line).empty()) {
    std::string number = std::to_string(problem.line);
    number.insert(0, number.size() < 5 ? 5 - number.size() : 0, ' ');
    out += "\n" + number + " | " + std::string(line);
    const std::size_t at =
        problem.word.empty() ? std::string_view::npos : line.find(problem.word);
    if (at != std::string_view::npos) {
      out += "\n" + std::string(number.size(), ' ') + " | ";
      for (const char c : line.substr(0, at)) {
        out += c == '\t' ? '\t' : ' ';
      }
      out += '^' + std::string(problem.word.size() - 1, '~');
    }
  }
  if (!problem.hint.empty()) {
    out += "\nhint: " + problem.hint;
  }
  return out;
}

}  // namespace docker_cpp::dockerfile
