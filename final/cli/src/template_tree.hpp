// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "docker_cpp/cli/value.hpp"

/// A parsed template, as a tree.
namespace docker_cpp::cli::templates {

struct Pipeline;

/// A literal, a name of a function, or a start (the dot, a variable, a
/// parenthesis) and the fields that follow it.
struct Operand {
  struct Dot {};
  struct Literal {
    Value value;
  };
  struct Function {
    std::string name;
  };
  struct Variable {
    std::string name;  ///< with its "$"
  };
  struct Nested {
    std::shared_ptr<const Pipeline> pipeline;
  };
  std::variant<Dot, Literal, Function, Variable, Nested> start;
  std::vector<std::string> fields;
  std::size_t column = 0;
};

/// `function operand…`, or one operand.
struct Command {
  std::vector<Operand> operands;
};

struct Pipeline {
  std::vector<std::string> variables;  ///< `$a, $b :=`
  bool assigns = false;                ///< `=` and not `:=`
  std::vector<Command> commands;
};

struct Block;

struct Text {
  std::string text;
};
struct Action {
  Pipeline pipeline;
};
struct Branch {
  enum class Kind : std::uint8_t { condition, range, with } kind;
  Pipeline pipeline;
  std::shared_ptr<const Block> then;
  std::shared_ptr<const Block> otherwise;
};
struct Leave {
  enum class Kind : std::uint8_t { end_loop, next_round } kind;
};

struct Block {
  std::vector<std::variant<Text, Action, Branch, Leave>> nodes;
};

/// What stops a rendering or a parse; the text is Go's.
struct Stop {
  std::string reason;
};

/// \throws Stop
[[nodiscard]] std::shared_ptr<const Block> parse_template(
    std::string_view text);

[[nodiscard]] bool is_function(const std::string& name);
/// \throws Stop
[[nodiscard]] Value call_function(const std::string& name,
                                  const std::vector<Value>& arguments);
[[nodiscard]] bool is_true(const Value& value);

}  // namespace docker_cpp::cli::templates
