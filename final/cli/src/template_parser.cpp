// SPDX-License-Identifier: Apache-2.0
#include "template_lexer.hpp"
#include "template_tree.hpp"

#include "docker_cpp/cli/text.hpp"
#include "docker_cpp/cli/units.hpp"

namespace docker_cpp::cli::templates {
namespace {

/// What is inside one pair of braces.
class PipelineParser {
 public:
  explicit PipelineParser(const std::vector<Token>& tokens, std::size_t from)
      : tokens_(tokens), at_(from) {}

  Pipeline whole() {
    auto pipeline = parse();
    if (at_ < tokens_.size()) {
      unexpected(tokens_[at_]);
    }
    return pipeline;
  }

 private:
  [[nodiscard]] bool is_symbol(const char* text) const {
    return at_ < tokens_.size() && tokens_[at_].kind == Token::Kind::symbol &&
           tokens_[at_].text == text;
  }

  [[noreturn]] static void unexpected(const Token& token) {
    throw Stop{"unexpected " + quote(token.text) + " in operand"};
  }

  void declarations(Pipeline& pipeline) {
    const auto before = at_;
    std::vector<std::string> names;
    while (at_ < tokens_.size() && tokens_[at_].kind == Token::Kind::variable) {
      names.push_back(tokens_[at_++].text);
      if (is_symbol(",")) {
        ++at_;
        continue;
      }
      if (is_symbol(":=") || is_symbol("=")) {
        pipeline.assigns = is_symbol("=");
        pipeline.variables = std::move(names);
        ++at_;
        return;
      }
      break;
    }
    at_ = before;
  }

  Pipeline parse() {
    Pipeline pipeline;
    declarations(pipeline);
    while (true) {
      Command command;
      while (at_ < tokens_.size() && !is_symbol("|") && !is_symbol(")")) {
        command.operands.push_back(operand());
      }
      if (command.operands.empty()) {
        throw Stop{"missing value for command"};
      }
      pipeline.commands.push_back(std::move(command));
      if (!is_symbol("|")) {
        return pipeline;
      }
      ++at_;
    }
  }

  Operand operand() {
    const auto& token = tokens_[at_++];
    Operand result;
    result.column = token.column;
    switch (token.kind) {
      case Token::Kind::word:
        result.start = word(token.text);
        break;
      case Token::Kind::field:
        result.start = Operand::Dot{};
        result.fields.push_back(token.text);
        break;
      case Token::Kind::variable:
        result.start = Operand::Variable{token.text};
        break;
      case Token::Kind::string:
        result.start = Operand::Literal{token.text};
        break;
      case Token::Kind::number:
        result.start = Operand::Literal{number(token.text)};
        break;
      case Token::Kind::dot:
        result.start = Operand::Dot{};
        break;
      case Token::Kind::symbol:
        result.start = nested(token);
        break;
    }
    while (at_ < tokens_.size() && tokens_[at_].kind == Token::Kind::field &&
           !tokens_[at_].spaced) {
      result.column = tokens_[at_].column;
      result.fields.push_back(tokens_[at_++].text);
    }
    return result;
  }

  Operand::Nested nested(const Token& token) {
    if (token.text != "(") {
      unexpected(token);
    }
    auto pipeline = std::make_shared<Pipeline>(parse());
    if (!is_symbol(")")) {
      throw Stop{"unclosed left paren"};
    }
    ++at_;
    return {std::move(pipeline)};
  }

  static decltype(Operand::start) word(const std::string& text) {
    if (text == "true" || text == "false") {
      return Operand::Literal{Value(text == "true")};
    }
    if (text == "nil") {
      return Operand::Literal{};
    }
    if (!is_function(text)) {
      throw Stop{"function " + quote(text) + " not defined"};
    }
    return Operand::Function{text};
  }

  static Value number(const std::string& text) {
    if (const auto whole = parse_integer(text)) {
      return Value(*whole);
    }
    char* end = nullptr;
    const double real = std::strtod(text.c_str(), &end);
    if (end != text.c_str() + text.size()) {
      throw Stop{"bad number syntax: " + quote(text)};
    }
    return Value(real);
  }

  const std::vector<Token>& tokens_;
  std::size_t at_;
};

class Parser {
 public:
  explicit Parser(std::vector<Piece> pieces) : pieces_(std::move(pieces)) {}

  std::shared_ptr<const Block> whole() {
    auto block = parse();
    if (at_ < pieces_.size()) {
      throw Stop{"unexpected {{" + keyword() + "}}"};
    }
    return block;
  }

 private:
  [[nodiscard]] std::string keyword() const {
    const auto& piece = pieces_[at_];
    return piece.action && !piece.tokens.empty() &&
                   piece.tokens[0].kind == Token::Kind::word
               ? piece.tokens[0].text
               : std::string();
  }

  /// Up to an `end` or `else`, which stays.
  std::shared_ptr<const Block> parse() {
    auto block = std::make_shared<Block>();
    for (; at_ < pieces_.size(); ++at_) {
      const auto& piece = pieces_[at_];
      const auto word = keyword();
      if (!piece.action) {
        block->nodes.emplace_back(Text{piece.text});
      } else if (word == "end" || word == "else") {
        return block;
      } else if (word == "if" || word == "range" || word == "with") {
        block->nodes.emplace_back(branch(word, 1));
      } else if (word == "break" || word == "continue") {
        block->nodes.emplace_back(Leave{
            word == "break" ? Leave::Kind::end_loop : Leave::Kind::next_round});
      } else {
        block->nodes.emplace_back(
            Action{PipelineParser(piece.tokens, 0).whole()});
      }
    }
    return block;
  }

  Branch branch(const std::string& word, std::size_t from) {
    Branch result{.kind = word == "if"      ? Branch::Kind::condition
                          : word == "range" ? Branch::Kind::range
                                            : Branch::Kind::with,
                  .pipeline = PipelineParser(pieces_[at_].tokens, from).whole(),
                  .then = {},
                  .otherwise = {}};
    ++at_;
    result.then = parse();
    if (at_ == pieces_.size()) {
      throw Stop{"unexpected EOF"};
    }
    if (keyword() == "end") {
      return result;
    }
    const auto& tokens = pieces_[at_].tokens;
    if (tokens.size() > 1) {  // {{else if …}} shares our {{end}}
      auto chained = std::make_shared<Block>();
      chained->nodes.emplace_back(branch(tokens[1].text, 2));
      result.otherwise = std::move(chained);
      return result;
    }
    ++at_;
    result.otherwise = parse();
    if (at_ == pieces_.size() || keyword() != "end") {
      throw Stop{"unexpected EOF"};
    }
    return result;
  }

  std::vector<Piece> pieces_;
  std::size_t at_ = 0;
};

}  // namespace

std::shared_ptr<const Block> parse_template(std::string_view text) {
  return Parser(split_pieces(text)).whole();
}

}  // namespace docker_cpp::cli::templates
