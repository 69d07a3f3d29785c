// SPDX-License-Identifier: Apache-2.0
// Patterns as Go's filepath.Match and moby's patternmatcher read them. A
// pattern is walked as a set of places where one may stand in it, so that
// `a*a*a*a*b` cannot make a build take for ever.
#include "docker_cpp/dockerfile/glob.hpp"

#include <algorithm>

namespace docker_cpp::dockerfile {
namespace {

struct Letter {
  char32_t value;
  std::size_t end;  ///< offset behind it
};

/// UTF-8; a byte that is no part of any is a letter of its own, out of the way
/// of all real ones.
Letter decode(std::string_view text, std::size_t at) {
  constexpr char32_t stray = 0x110000;
  const auto byte = [&](std::size_t i) {
    return static_cast<unsigned char>(i < text.size() ? text[i] : '\0');
  };
  const unsigned char first = byte(at);
  if (first < 0x80) {
    return {first, at + 1};
  }
  const std::size_t length = first >= 0xf0   ? 4
                             : first >= 0xe0 ? 3
                             : first >= 0xc0 ? 2
                                             : 1;
  char32_t value = first & (0x7fU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(at + i) & 0xc0U) != 0x80) {
      return {stray + first, at + 1};
    }
    value = value << 6U | (byte(at + i) & 0x3fU);
  }
  return length == 1 ? Letter{stray + first, at + 1}
                     : Letter{value, at + length};
}

}  // namespace

class Glob::Parser {
 public:
  Parser(std::string_view pattern, GlobKind kind, char escape)
      : rest_(pattern), kind_(kind), escape_(escape) {}

  bool run() {
    while (!rest_.empty()) {
      const char c = rest_.front();
      if (c == '*') {
        star();
      } else if (c == '?') {
        rest_.remove_prefix(1);
        tokens.push_back({.kind = Token::Kind::any});
      } else if (c == '[' && kind_ != GlobKind::text) {
        if (!set()) {
          return false;
        }
      } else {
        Token token;
        if (!letter(token.literal)) {
          return false;
        }
        tokens.push_back(token);
      }
    }
    return true;
  }

  std::vector<Token> tokens;

 private:
  void star() {
    std::size_t stars = rest_.find_first_not_of('*');
    stars = std::min(stars, rest_.size());
    if (kind_ != GlobKind::ignore || stars == 1) {
      rest_.remove_prefix(stars);
      tokens.push_back({.kind = Token::Kind::star});
      return;
    }
    rest_.remove_prefix(2);
    if (rest_.starts_with('/')) {
      rest_.remove_prefix(1);
    }
    tokens.push_back(
        {.kind = rest_.empty() ? Token::Kind::deep : Token::Kind::folders});
  }

  bool letter(char32_t& value) {
    if (rest_.starts_with(escape_)) {
      rest_.remove_prefix(1);
      if (rest_.empty()) {
        return false;
      }
    }
    const Letter next = decode(rest_, 0);
    value = next.value;
    rest_.remove_prefix(next.end);
    return true;
  }

  bool set() {
    Token token{.kind = Token::Kind::set};
    rest_.remove_prefix(1);
    if (rest_.starts_with('^')) {
      token.negated = true;
      rest_.remove_prefix(1);
    }
    while (!(rest_.starts_with(']') && !token.ranges.empty())) {
      char32_t low = 0;
      if (rest_.empty() || rest_[0] == '-' || rest_[0] == ']' || !letter(low)) {
        return false;
      }
      char32_t high = low;
      if (rest_.starts_with('-')) {
        rest_.remove_prefix(1);
        if (rest_.empty() || rest_[0] == '-' || rest_[0] == ']' ||
            !letter(high)) {
          return false;
        }
      }
      token.ranges.emplace_back(low, high);
    }
    rest_.remove_prefix(1);
    tokens.push_back(std::move(token));
    return true;
  }

  std::string_view rest_;
  GlobKind kind_;
  char escape_;
};

std::expected<Glob, std::string> Glob::parse(std::string_view pattern,
                                             GlobKind kind, char escape) {
  Parser parser(pattern, kind, escape);
  if (!parser.run()) {
    return std::unexpected("syntax error in pattern '" + std::string(pattern) +
                           "'");
  }
  Glob glob;
  glob.tokens_ = std::move(parser.tokens);
  glob.kind_ = kind;
  return glob;
}

bool Glob::accepts(const Token& token, char32_t letter) const {
  const bool may_cross = kind_ == GlobKind::text;
  switch (token.kind) {
    case Token::Kind::one:
      return token.literal == letter;
    case Token::Kind::any:
    case Token::Kind::star:
      return may_cross || letter != U'/';
    case Token::Kind::set:
      return std::ranges::any_of(token.ranges, [&](const auto& range) {
               return range.first <= letter && letter <= range.second;
             }) != token.negated;
    case Token::Kind::deep:
    case Token::Kind::folders:
      return true;
  }
  return false;
}

/// What may stand for nothing is passed at once.
void Glob::enter(States& states, std::size_t at) const {
  while (!states[at]) {
    states[at] = true;
    if (at == tokens_.size() || (tokens_[at].kind != Token::Kind::star &&
                                 tokens_[at].kind != Token::Kind::deep &&
                                 tokens_[at].kind != Token::Kind::folders)) {
      return;
    }
    ++at;
  }
}

Glob::States Glob::step(const States& states, char32_t letter) const {
  States next(states.size());
  // Folders last: they are kept without passing on, which enter() would take
  // for having been passed.
  std::vector<std::size_t> inside;
  for (std::size_t at = 0; at < tokens_.size(); ++at) {
    if (!states[at] || !accepts(tokens_[at], letter)) {
      continue;
    }
    switch (tokens_[at].kind) {
      case Token::Kind::star:
      case Token::Kind::deep:
        enter(next, at);
        break;
      case Token::Kind::folders:
        inside.push_back(at);
        if (letter == U'/') {
          enter(next, at + 1);
        }
        break;
      default:
        enter(next, at + 1);
    }
  }
  for (const std::size_t at : inside) {
    next[at] = true;
  }
  return next;
}

bool Glob::matches(std::string_view name) const {
  const std::vector<std::size_t> all = prefixes(name);
  return !all.empty() && all.back() == name.size();
}

std::vector<std::size_t> Glob::prefixes(std::string_view text) const {
  States states(tokens_.size() + 1);
  enter(states, 0);
  std::vector<std::size_t> lengths;
  if (states.back()) {
    lengths.push_back(0);
  }
  for (std::size_t at = 0; at < text.size();) {
    const Letter letter = decode(text, at);
    states = step(states, letter.value);
    at = letter.end;
    if (states.back()) {
      lengths.push_back(at);
    }
    if (std::ranges::find(states, true) == states.end()) {
      break;
    }
  }
  return lengths;
}

bool has_wildcard(std::string_view text) {
  return text.find_first_of("*?[\\") != std::string_view::npos;
}

std::string clean_path(std::string_view path) {
  const bool absolute = path.starts_with('/');
  std::vector<std::string_view> parts;
  while (!path.empty()) {
    const std::size_t slash = std::min(path.find('/'), path.size());
    const std::string_view part = path.substr(0, slash);
    path.remove_prefix(std::min(slash + 1, path.size()));
    if (part == ".." && !parts.empty() && parts.back() != "..") {
      parts.pop_back();
    } else if (part == ".." ? !absolute : !part.empty() && part != ".") {
      parts.push_back(part);
    }
  }
  std::string clean = absolute ? "/" : "";
  for (const std::string_view part : parts) {
    if (!clean.empty() && !clean.ends_with('/')) {
      clean += '/';
    }
    clean += part;
  }
  return clean.empty() ? "." : clean;
}

}  // namespace docker_cpp::dockerfile
