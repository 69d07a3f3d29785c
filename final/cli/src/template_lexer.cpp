// SPDX-License-Identifier: Apache-2.0
#include "template_lexer.hpp"

#include "template_tree.hpp"

#include "docker_cpp/cli/text.hpp"

namespace docker_cpp::cli::templates {
namespace {

constexpr std::string_view blank = " \t\r\n";

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// The tokens inside one pair of braces.
class ActionLexer {
 public:
  ActionLexer(std::string_view text, std::size_t offset)
      : text_(text), offset_(offset) {}

  std::vector<Token> run() {
    while (true) {
      const bool spaced = skip_blank();
      if (at_ == text_.size()) {
        return std::move(tokens_);
      }
      start_ = at_;
      next();
      tokens_.back().spaced = spaced || tokens_.size() == 1;
      tokens_.back().column = offset_ + start_;
    }
  }

 private:
  bool skip_blank() {
    const auto before = at_;
    at_ = std::min(text_.find_first_not_of(blank, at_), text_.size());
    return at_ > before;
  }

  void next() {
    const char c = text_[at_];
    if (c == '"' || c == '`' || c == '\'') {
      string(c);
    } else if (c == '.' && at_ + 1 < text_.size() &&
               is_letter(text_[at_ + 1])) {
      ++at_;
      word(Token::Kind::field);
    } else if (c == '.') {
      ++at_;
      add(Token::Kind::dot, ".");
    } else if (c == '$') {
      ++at_;
      word(Token::Kind::variable);
      tokens_.back().text.insert(0, "$");
    } else if (is_letter(c)) {
      word(Token::Kind::word);
    } else if (is_digit(c) ||
               ((c == '-' || c == '+') && at_ + 1 < text_.size() &&
                is_digit(text_[at_ + 1]))) {
      number();
    } else if (text_.substr(at_, 2) == ":=") {
      at_ += 2;
      add(Token::Kind::symbol, ":=");
    } else if (std::string_view("()|,=").find(c) != std::string_view::npos) {
      ++at_;
      add(Token::Kind::symbol, std::string(1, c));
    } else {
      throw Stop{"unexpected " + quote(std::string(1, c)) + " in command"};
    }
  }

  void word(Token::Kind kind) {
    const auto from = at_;
    while (at_ < text_.size() &&
           (is_letter(text_[at_]) || is_digit(text_[at_]))) {
      ++at_;
    }
    add(kind, std::string(text_.substr(from, at_ - from)));
  }

  void number() {
    const auto from = at_++;
    while (at_ < text_.size() && (is_digit(text_[at_]) || text_[at_] == '.' ||
                                  is_letter(text_[at_]))) {
      ++at_;
    }
    add(Token::Kind::number, std::string(text_.substr(from, at_ - from)));
  }

  void string(char quotes) {
    std::string value;
    for (++at_; at_ < text_.size() && text_[at_] != quotes; ++at_) {
      if (text_[at_] == '\\' && quotes != '`' && at_ + 1 < text_.size()) {
        value += escaped(text_[++at_]);
      } else {
        value += text_[at_];
      }
    }
    if (at_ == text_.size()) {
      throw Stop{quotes == '`' ? "unterminated raw quoted string"
                               : "unterminated quoted string"};
    }
    ++at_;
    add(Token::Kind::string, std::move(value));
  }

  static char escaped(char c) {
    switch (c) {
      case 'n':
        return '\n';
      case 't':
        return '\t';
      case 'r':
        return '\r';
      default:
        return c;
    }
  }

  void add(Token::Kind kind, std::string text) {
    tokens_.push_back({.kind = kind, .text = std::move(text)});
  }

  std::string_view text_;
  std::size_t offset_;
  std::size_t at_ = 0;
  std::size_t start_ = 0;
  std::vector<Token> tokens_;
};

/// Where the action that starts at `from` ends; strings may hold braces.
std::size_t action_end(std::string_view text, std::size_t from) {
  char quotes = 0;
  for (auto i = from; i < text.size(); ++i) {
    const char c = text[i];
    if (quotes != 0) {
      if (c == '\\' && quotes != '`') {
        ++i;
      } else if (c == quotes) {
        quotes = 0;
      }
    } else if (c == '"' || c == '`' || c == '\'') {
      quotes = c;
    } else if (text.substr(i, 2) == "}}") {
      return i;
    }
  }
  throw Stop{"unclosed action"};
}

void trim_end(std::string& text) {
  text.resize(text.find_last_not_of(blank) + 1);
}

}  // namespace

std::vector<Piece> split_pieces(std::string_view text) {
  std::vector<Piece> pieces;
  std::size_t at = 0;
  bool trim_next = false;
  while (true) {
    const auto open = text.find("{{", at);
    std::string plain(
        text.substr(at, open == std::string_view::npos ? open : open - at));
    if (trim_next) {
      plain.erase(0, std::min(plain.find_first_not_of(blank), plain.size()));
    }
    if (open == std::string_view::npos) {
      pieces.push_back(
          {.action = false, .text = std::move(plain), .tokens = {}});
      return pieces;
    }
    auto inside = open + 2;
    if (text.substr(inside, 2) == "- " || text.substr(inside, 2) == "-\n") {
      trim_end(plain);
      ++inside;
    }
    pieces.push_back({.action = false, .text = std::move(plain), .tokens = {}});
    const bool comment = text.substr(inside).starts_with("/*");
    const auto close =
        comment
            ? text.find("}}", std::min(text.find("*/", inside), text.size()))
            : action_end(text, inside);
    if (close == std::string_view::npos) {
      throw Stop{"unclosed comment"};
    }
    auto body = text.substr(inside, close - inside);
    trim_next = body.size() > 1 && body.ends_with('-') &&
                blank.find(body[body.size() - 2]) != std::string_view::npos;
    if (trim_next) {
      body.remove_suffix(1);
    }
    if (!comment) {
      pieces.push_back({.action = true,
                        .text = {},
                        .tokens = ActionLexer(body, inside).run()});
    }
    at = close + 2;
  }
}

}  // namespace docker_cpp::cli::templates
