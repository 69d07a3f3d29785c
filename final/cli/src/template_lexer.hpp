// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace docker_cpp::cli::templates {

/// A piece of a template: text, or the inside of `{{ }}` in tokens.
struct Token {
  enum class Kind : unsigned char {
    word,      ///< if, json, true
    field,     ///< .Name
    variable,  ///< $x
    string,
    number,
    dot,
    symbol  ///< ( ) | , := =
  } kind;
  std::string text;
  std::size_t column = 0;  ///< as Go counts it, in the whole template
  bool spaced = false;     ///< white space before it
};

struct Piece {
  bool action = false;
  std::string text;
  std::vector<Token> tokens;
};

/// \throws Stop
[[nodiscard]] std::vector<Piece> split_pieces(std::string_view text);

}  // namespace docker_cpp::cli::templates
