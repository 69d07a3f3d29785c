// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace docker_cpp::dockerfile {

/// Which characters a star stands for.
enum class GlobKind : std::uint8_t {
  path,    ///< Go's filepath.Match: * and ? stop at a slash
  ignore,  ///< .dockerignore: the same, and ** crosses slashes
  text,    ///< ${x#pattern}: * crosses everything
};

/// A pattern, ready to be compared. Linear in pattern times name: a hostile
/// one costs no more than another.
class Glob {
 public:
  [[nodiscard]] static std::expected<Glob, std::string> parse(
      std::string_view pattern, GlobKind kind, char escape = '\\');

  [[nodiscard]] bool matches(std::string_view name) const;
  /// The lengths, in bytes and ascending, of the beginnings of `text` that
  /// it matches.
  [[nodiscard]] std::vector<std::size_t> prefixes(std::string_view text) const;

 private:
  struct Token {
    enum class Kind : std::uint8_t { one, any, set, star, deep, folders };
    Kind kind = Kind::one;
    char32_t literal = 0;
    bool negated = false;
    std::vector<std::pair<char32_t, char32_t>> ranges;
  };
  using States = std::vector<bool>;

  class Parser;
  [[nodiscard]] bool accepts(const Token& token, char32_t letter) const;
  void enter(States& states, std::size_t at) const;
  [[nodiscard]] States step(const States& states, char32_t letter) const;

  std::vector<Token> tokens_;
  GlobKind kind_ = GlobKind::path;
};

/// Does the text hold any character that a pattern gives a meaning?
[[nodiscard]] bool has_wildcard(std::string_view text);

/// A path made short, as Go's path.Clean does: no `.`, `..` where possible, no
/// double or trailing slash; "." for nothing.
[[nodiscard]] std::string clean_path(std::string_view path);

/// The patterns of a .dockerignore or of --exclude, in their order: the last
/// one that matches decides, `!` takes back in.
class IgnoreList {
 public:
  /// One pattern per line, # begins a comment.
  [[nodiscard]] static std::expected<IgnoreList, std::string> parse(
      std::string_view text);
  [[nodiscard]] static std::expected<IgnoreList, std::string> of(
      const std::vector<std::string>& patterns);

  /// Of a path without a leading slash; a folder's fate is that of what is in
  /// it, unless a later pattern takes it back.
  [[nodiscard]] bool excludes(std::string_view path) const;
  /// May anything below an excluded folder be taken back in?
  [[nodiscard]] bool has_exceptions() const { return exceptions_; }
  [[nodiscard]] bool empty() const { return patterns_.empty(); }

 private:
  struct Pattern {
    Glob glob;
    bool exception;
  };
  std::vector<Pattern> patterns_;
  bool exceptions_ = false;
};

}  // namespace docker_cpp::dockerfile
