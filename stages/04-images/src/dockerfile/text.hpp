// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

/// Pieces of text, as the readers of this folder take them apart.
namespace docker_cpp::dockerfile {

[[nodiscard]] constexpr bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\v' || c == '\f' || c == '\r';
}

[[nodiscard]] constexpr std::string_view trim_left(std::string_view text) {
  while (!text.empty() && (is_blank(text.front()) || text.front() == '\n')) {
    text.remove_prefix(1);
  }
  return text;
}

[[nodiscard]] constexpr std::string_view trim(std::string_view text) {
  text = trim_left(text);
  while (!text.empty() && (is_blank(text.back()) || text.back() == '\n')) {
    text.remove_suffix(1);
  }
  return text;
}

/// The next line without its end ("\n" or "\r\n"), taken off `text`.
[[nodiscard]] constexpr std::string_view take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  if (line.ends_with('\r')) {
    line.remove_suffix(1);
  }
  return line;
}

/// The next word without blanks, taken off `text` with the blanks behind it.
[[nodiscard]] constexpr std::string_view take_word(std::string_view& text) {
  text = trim_left(text);
  std::size_t end = 0;
  while (end < text.size() && !is_blank(text[end]) && text[end] != '\n') {
    ++end;
  }
  const std::string_view word = text.substr(0, end);
  text = trim_left(text.substr(end));
  return word;
}

[[nodiscard]] constexpr char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}
[[nodiscard]] constexpr char upper(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}
[[nodiscard]] constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
[[nodiscard]] constexpr bool is_name_start(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

[[nodiscard]] inline std::string lowered(std::string_view text) {
  std::string out;
  for (const char c : text) {
    out += lower(c);
  }
  return out;
}

[[nodiscard]] inline std::string uppered(std::string_view text) {
  std::string out;
  for (const char c : text) {
    out += upper(c);
  }
  return out;
}

/// How many letters must change to make one out of the other.
[[nodiscard]] std::size_t distance(std::string_view one,
                                   std::string_view other);
/// The one of `known` that was most likely meant; empty when none is near.
template <typename List>
[[nodiscard]] std::string nearest(std::string_view word, const List& known) {
  std::string best;
  std::size_t least = word.size() / 3 + 2;
  for (const auto& one : known) {
    const std::size_t far = distance(word, one);
    if (far < least) {
      least = far;
      best = one;
    }
  }
  return best;
}

}  // namespace docker_cpp::dockerfile
