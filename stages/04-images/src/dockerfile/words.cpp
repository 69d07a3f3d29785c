// SPDX-License-Identifier: Apache-2.0
// The quoting of Dockerfiles: a shell's, without what only a shell can do.
#include "docker_cpp/dockerfile/words.hpp"

#include <algorithm>

#include "text.hpp"

#include "docker_cpp/dockerfile/glob.hpp"
#include "docker_cpp/dockerfile/problem.hpp"

namespace docker_cpp::dockerfile {
namespace {

constexpr int deepest_nesting = 64;

[[noreturn]] void fail(std::string message, std::string_view word) {
  throw Problem{.message = std::move(message),
                .line = 0,
                .word = std::string(word),
                .hint = {}};
}

/// Whether quotes are taken away or are a part of the text.
enum class Quotes : bool { removed, kept };

/// One pass over a text; what it makes of it grows in `out`.
class Pass {
 public:
  Pass(std::string_view text, const Lookup& lookup, char escape, Quotes quotes)
      : all_(text),
        rest_(text),
        lookup_(lookup),
        escape_(escape),
        quotes_(quotes) {}

  std::string whole() {
    std::string out;
    while (!rest_.empty()) {
      piece(out);
    }
    return out;
  }

  std::vector<std::string> split() {
    std::vector<std::string> words;
    for (skip_blanks(); !rest_.empty(); skip_blanks()) {
      std::string word;
      const bool quoted = rest_.find_first_of("'\"") != rest_.npos;
      while (!rest_.empty() && !is_blank(rest_.front()) &&
             rest_.front() != '\n') {
        piece(word);
      }
      // A variable that is empty is no word; a pair of quotes is one.
      if (!word.empty() || quoted) {
        words.push_back(std::move(word));
      }
    }
    return words;
  }

 private:
  void skip_blanks() { rest_ = trim_left(rest_); }

  char take() {
    const char c = rest_.front();
    rest_.remove_prefix(1);
    return c;
  }

  void piece(std::string& out) {
    const char c = rest_.front();
    if (c == '\'' && quotes_ == Quotes::removed) {
      single(out);
    } else if (c == '"' && quotes_ == Quotes::removed) {
      double_quoted(out);
    } else if (c == '$') {
      variable(out);
    } else if (c == escape_) {
      take();
      if (quotes_ == Quotes::kept && !rest_.starts_with('$') &&
          !rest_.starts_with(escape_)) {
        out += c;
      }
      if (!rest_.empty()) {
        out += take();
      } else if (quotes_ == Quotes::removed) {
        out += c;  // at the very end it stands for itself
      }
    } else {
      out += take();
    }
  }

  void single(std::string& out) {
    take();
    const std::size_t end = rest_.find('\'');
    if (end == std::string_view::npos) {
      fail(
          "unexpected end of statement while looking for matching "
          "single-quote",
          all_);
    }
    out += rest_.substr(0, end);
    rest_.remove_prefix(end + 1);
  }

  void double_quoted(std::string& out) {
    take();
    for (;;) {
      if (rest_.empty()) {
        fail(
            "unexpected end of statement while looking for matching "
            "double-quote",
            all_);
      }
      if (rest_.front() == '"') {
        take();
        return;
      }
      if (rest_.front() == '$') {
        variable(out);
      } else if (rest_.front() == escape_ && rest_.size() > 1 &&
                 (rest_[1] == '"' || rest_[1] == '$' || rest_[1] == escape_)) {
        take();
        out += take();
      } else {
        out += take();
      }
    }
  }

  std::string_view name() {
    std::size_t end = 0;
    if (!rest_.empty() && is_name_start(rest_[0])) {
      while (end < rest_.size() &&
             (is_name_start(rest_[end]) || is_digit(rest_[end]))) {
        ++end;
      }
    } else if (!rest_.empty() && (is_digit(rest_[0]) ||
                                  std::string_view("@*#?-$!").find(rest_[0]) !=
                                      std::string_view::npos)) {
      end = 1;
    }
    const std::string_view found = rest_.substr(0, end);
    rest_.remove_prefix(end);
    return found;
  }

  void variable(std::string& out) {
    take();
    if (!rest_.starts_with('{')) {
      const std::string_view found = name();
      out += found.empty() ? "$" : lookup_(found).value_or("");
      return;
    }
    take();
    const std::string_view found = name();
    if (found.empty()) {
      fail("bad substitution", all_);
    }
    if (rest_.empty()) {
      fail("syntax error: missing '}'", all_);
    }
    if (rest_.front() == '}') {
      take();
      out += lookup_(found).value_or("");
      return;
    }
    out += modified(found);
  }

  /// The text up to `end`, expanded itself.
  std::string nested(std::string_view ends) {
    if (++depth_ > deepest_nesting) {
      fail("substitutions are nested too deeply", all_);
    }
    std::string out;
    while (!rest_.empty() && ends.find(rest_.front()) == ends.npos) {
      piece(out);
    }
    if (rest_.empty()) {
      fail("syntax error: missing '}'", all_);
    }
    --depth_;
    return out;
  }

  std::string modified(std::string_view found) {
    const std::optional<std::string> value = lookup_(found);
    char kind = take();
    bool set = value.has_value();
    if (kind == ':') {
      set = set && !value->empty();
      if (rest_.empty() ||
          std::string_view("-+?").find(rest_.front()) == rest_.npos) {
        fail("unsupported modifier (" + std::string(rest_.substr(0, 1)) +
                 ") in substitution",
             all_);
      }
      kind = take();
    }
    switch (kind) {
      case '-':
      case '+':
      case '?':
        return alternative(found, kind, set, value.value_or(""));
      case '#':
      case '%':
        return stripped(kind, value.value_or(""));
      case '/':
        return replaced(value.value_or(""));
      default:
        fail("unsupported modifier (" + std::string(1, kind) +
                 ") in substitution",
             all_);
    }
  }

  std::string alternative(std::string_view found, char kind, bool set,
                          const std::string& value) {
    const std::string other = nested("}");
    take();
    if (kind == '+') {
      return set ? other : "";
    }
    if (kind == '?' && !set) {
      fail(std::string(found) + ": " +
               (other.empty() ? "not allowed to be unset" : other),
           all_);
    }
    return set ? value : other;
  }

  Glob pattern(std::string_view text) const {
    auto glob = Glob::parse(text, GlobKind::text, '\\');
    if (!glob) {
      fail(glob.error(), all_);
    }
    return *std::move(glob);
  }

  std::string stripped(char kind, std::string value) {
    bool longest = false;
    if (rest_.starts_with(kind)) {
      take();
      longest = true;
    }
    const Glob glob = pattern(nested("}"));
    take();
    if (kind == '#') {
      const auto lengths = glob.prefixes(value);
      return lengths.empty()
                 ? value
                 : value.substr(longest ? lengths.back() : lengths.front());
    }
    // The end that is longest begins first.
    for (std::size_t i = 0; i <= value.size(); ++i) {
      const std::size_t at = longest ? i : value.size() - i;
      if (glob.matches(std::string_view(value).substr(at))) {
        return value.substr(0, at);
      }
    }
    return value;
  }

  std::string replaced(const std::string& value) {
    bool all = false;
    if (rest_.starts_with('/')) {
      take();
      all = true;
    }
    const Glob glob = pattern(nested("/}"));
    std::string with;
    if (take() == '/') {
      with = nested("}");
      take();
    }
    std::string out;
    bool done = false;
    for (std::size_t at = 0; at < value.size();) {
      const auto lengths =
          done ? std::vector<std::size_t>()
               : glob.prefixes(std::string_view(value).substr(at));
      if (lengths.empty() || lengths.back() == 0) {
        out += value[at++];
        continue;
      }
      out += with;
      at += lengths.back();
      done = !all;
    }
    return out;
  }

  std::string_view all_;
  std::string_view rest_;
  const Lookup& lookup_;
  char escape_;
  Quotes quotes_;
  int depth_ = 0;
};

}  // namespace

std::string Expander::word(std::string_view text) const {
  return Pass(text, lookup_, escape_, Quotes::removed).whole();
}

std::vector<std::string> Expander::words(std::string_view text) const {
  return Pass(text, lookup_, escape_, Quotes::removed).split();
}

std::string Expander::raw(std::string_view text) const {
  return Pass(text, lookup_, escape_, Quotes::kept).whole();
}

std::vector<std::string> split_words(std::string_view text, char escape) {
  std::vector<std::string> words;
  while (!(text = trim_left(text)).empty()) {
    std::size_t end = 0;
    char quote = 0;
    for (; end < text.size(); ++end) {
      const char c = text[end];
      if (quote == 0 && (is_blank(c) || c == '\n')) {
        break;
      }
      if (c == escape && quote != '\'' && end + 1 < text.size()) {
        ++end;
      } else if (quote == 0 && (c == '\'' || c == '"')) {
        quote = c;
      } else if (c == quote) {
        quote = 0;
      }
    }
    if (quote != 0) {
      fail(std::string("unexpected end of statement while looking for "
                       "matching ") +
               (quote == '"' ? "double-quote" : "single-quote"),
           text);
    }
    words.emplace_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return words;
}

}  // namespace docker_cpp::dockerfile
