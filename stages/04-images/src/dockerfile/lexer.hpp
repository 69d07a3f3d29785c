// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "docker_cpp/dockerfile/instruction.hpp"

namespace docker_cpp::dockerfile {

/// An instruction as text: comments dropped, continuation lines joined.
struct LogicalLine {
  int line = 0;
  std::string text;
  std::vector<Heredoc> heredocs;
};

/// Takes a Dockerfile apart into lines that each hold one instruction.
class Lexer {
 public:
  /// Reads the parser directives. \throws Problem
  explicit Lexer(std::string_view text);

  /// False at the end. \throws Problem
  bool next(LogicalLine& line);

  [[nodiscard]] char escape() const { return escape_; }
  [[nodiscard]] const std::string& syntax() const { return syntax_; }
  [[nodiscard]] const std::string& check() const { return check_; }
  [[nodiscard]] const std::vector<std::string>& warnings() const {
    return warnings_;
  }

 private:
  void read_directives();
  [[nodiscard]] bool take_directive(std::string_view line, int number);
  [[nodiscard]] std::string_view take();
  [[nodiscard]] bool continues(std::string_view& line) const;
  void join_continuations(LogicalLine& line);
  void read_heredocs(LogicalLine& line);
  [[nodiscard]] std::string heredoc_body(const Heredoc& heredoc, bool strip,
                                         int begun);

  std::string_view rest_;
  int number_ = 0;  ///< of the line taken last
  char escape_ = '\\';
  std::string syntax_;
  std::string check_;
  std::vector<std::string> seen_;
  std::vector<std::string> warnings_;
};

}  // namespace docker_cpp::dockerfile
