// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/dockerfile/parser.hpp"

#include <algorithm>

#include "checks.hpp"
#include "lexer.hpp"
#include "text.hpp"

#include "docker_cpp/dockerfile/words.hpp"

namespace docker_cpp::dockerfile {
namespace {

[[noreturn]] void fail(std::string message, std::string_view word = {},
                       std::string hint = {}) {
  throw Problem{.message = std::move(message),
                .line = 0,
                .word = std::string(word),
                .hint = std::move(hint)};
}

/// `--chown=1:2`; quotes inside it are taken away.
Flag take_flag(std::string_view& rest, char escape) {
  std::string text;
  char quote = 0;
  std::size_t at = 0;
  for (; at < rest.size(); ++at) {
    const char c = rest[at];
    if (quote == 0 && is_blank(c)) {
      break;
    }
    if (c == escape && at + 1 < rest.size()) {
      text += rest[++at];
    } else if (quote == 0 && (c == '\'' || c == '"')) {
      quote = c;
    } else if (c == quote) {
      quote = 0;
    } else {
      text += c;
    }
  }
  rest = trim_left(rest.substr(at));
  Flag flag;
  const std::size_t equals = text.find('=');
  flag.name = text.substr(2, equals == text.npos ? equals : equals - 2);
  if (equals != std::string::npos) {
    flag.value = text.substr(equals + 1);
  }
  return flag;
}

void take_flags(Instruction& into, std::string_view& rest, char escape) {
  while (rest.starts_with("--")) {
    if (rest == "--" || is_blank(rest[2])) {
      rest = trim_left(rest.substr(2));
      return;
    }
    into.flags.push_back(take_flag(rest, escape));
  }
}

Pair split_pair(std::string_view word) {
  const std::size_t equals = word.find('=');
  Pair pair{.key = std::string(word.substr(0, equals)), .value = {}};
  if (equals != std::string_view::npos) {
    pair.value = std::string(word.substr(equals + 1));
  }
  return pair;
}

/// `K=V K2="v w"`, or as it was once written: `K the rest`.
void read_pairs(Instruction& into, char escape) {
  const std::string name(name_of(into.keyword));
  into.words = split_words(into.rest, escape);
  if (into.words.empty()) {
    fail(name + " requires at least one argument");
  }
  const bool old_form = into.words[0].find('=') == std::string::npos;
  if (old_form && into.keyword != Keyword::arg) {
    std::string_view rest = into.rest;
    const std::string key(take_word(rest));
    if (rest.empty()) {
      fail(name + " must have two arguments", key,
           "write " + name + " " + key + "=VALUE");
    }
    into.pairs = {{.key = key, .value = std::string(rest)}};
    return;
  }
  for (const std::string& word : into.words) {
    if (into.keyword != Keyword::arg && word.find('=') == std::string::npos) {
      fail("Syntax error - can't find = in \"" + word +
               "\". Must be of the form: name=value",
           word, "put a value with blanks between quotes");
    }
    into.pairs.push_back(split_pair(word));
    if (into.pairs.back().key.empty()) {
      fail(name + " names can not be blank", word);
    }
  }
}

void read_words(Instruction& into) {
  std::string_view rest = into.rest;
  while (!rest.empty()) {
    into.words.emplace_back(take_word(rest));
  }
}

void read_arguments(Instruction& into, char escape) {
  switch (into.keyword) {
    case Keyword::env:
    case Keyword::label:
    case Keyword::arg:
      read_pairs(into, escape);
      return;
    case Keyword::run:
    case Keyword::cmd:
    case Keyword::entrypoint:
    case Keyword::shell:
    case Keyword::add:
    case Keyword::copy:
    case Keyword::volume:
      if (auto json = parse_json_strings(into.rest)) {
        into.json = true;
        into.words = *std::move(json);
        return;
      }
      break;
    case Keyword::healthcheck: {
      std::string_view rest = into.rest;
      into.words = {uppered(take_word(rest))};
      if (auto json = parse_json_strings(rest)) {
        into.json = true;
        into.words.insert(into.words.end(), json->begin(), json->end());
      } else if (!rest.empty()) {
        into.words.emplace_back(rest);
      }
      return;
    }
    default:
      break;
  }
  read_words(into);
}

Instruction read(const LogicalLine& line, char escape) {
  Instruction into;
  into.line = line.line;
  into.original = line.text;
  into.heredocs = line.heredocs;
  std::string_view rest = line.text;
  const std::string_view word = take_word(rest);
  const auto keyword = keyword_of(word);
  if (!keyword) {
    const std::string near = nearest_keyword(word);
    fail("unknown instruction: " + std::string(word), word,
         near.empty() ? "" : "did you mean " + near + "?");
  }
  into.keyword = *keyword;
  into.original = std::string(name_of(*keyword)) +
                  (rest.empty() ? "" : " " + std::string(rest));
  if (*keyword != Keyword::onbuild) {
    take_flags(into, rest, escape);
  }
  into.rest = rest;
  read_arguments(into, escape);
  check(into);
  return into;
}

/// A trigger is read for what is wrong in it; it is kept as text.
void check_trigger(const Instruction& onbuild, char escape) {
  const Instruction trigger = read({.line = onbuild.line,
                                    .text = onbuild.rest,
                                    .heredocs = onbuild.heredocs},
                                   escape);
  switch (trigger.keyword) {
    case Keyword::onbuild:
      fail("Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed", "ONBUILD");
    case Keyword::from:
    case Keyword::maintainer:
      fail(std::string(name_of(trigger.keyword)) +
           " isn't allowed as an ONBUILD trigger");
    default:
      break;
  }
}

Instruction read_whole(const LogicalLine& line, char escape) {
  try {
    Instruction one = read(line, escape);
    if (one.keyword == Keyword::onbuild) {
      check_trigger(one, escape);
    }
    return one;
  } catch (Problem& problem) {
    if (problem.line == 0) {
      problem.line = line.line;
    }
    throw;
  }
}

Dockerfile read_all(std::string_view text) {
  if (text.size() > largest_dockerfile) {
    fail("the Dockerfile is larger than 8 MiB");
  }
  Lexer lexer(text);
  Dockerfile file{.escape = lexer.escape(),
                  .syntax = lexer.syntax(),
                  .check = lexer.check(),
                  .instructions = {},
                  .warnings = {}};
  bool stage = false;
  for (LogicalLine line; lexer.next(line);) {
    Instruction one = read_whole(line, lexer.escape());
    stage |= one.keyword == Keyword::from;
    if (!stage && one.keyword != Keyword::arg) {
      throw Problem{.message = "no build stage in current context",
                    .line = one.line,
                    .word = std::string(name_of(one.keyword)),
                    .hint = "the first instruction must be FROM or ARG"};
    }
    file.instructions.push_back(std::move(one));
  }
  if (file.instructions.empty()) {
    fail("file with no instructions");
  }
  if (!stage) {
    fail("dockerfile contains no stages to build", {},
         "begin a stage with FROM");
  }
  file.warnings = lexer.warnings();
  return file;
}

}  // namespace

std::expected<Dockerfile, Problem> parse(std::string_view text) {
  try {
    return read_all(text);
  } catch (const Problem& problem) {
    return std::unexpected(problem);
  }
}

std::expected<Instruction, Problem> parse_instruction(std::string_view line,
                                                      char escape) {
  try {
    const std::string directive =
        escape == '\\' ? "" : std::string("# escape=") + escape + "\n";
    const std::string text = directive + std::string(line);
    Lexer lexer(text);
    LogicalLine first;
    LogicalLine second;
    if (!lexer.next(first) || lexer.next(second)) {
      fail("exactly one instruction is expected", line);
    }
    return read_whole(first, escape);
  } catch (const Problem& problem) {
    return std::unexpected(problem);
  }
}

}  // namespace docker_cpp::dockerfile
