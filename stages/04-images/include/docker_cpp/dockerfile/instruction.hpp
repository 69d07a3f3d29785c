// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace docker_cpp::dockerfile {

enum class Keyword : std::uint8_t {
  add,
  arg,
  cmd,
  copy,
  entrypoint,
  env,
  expose,
  from,
  healthcheck,
  label,
  maintainer,
  onbuild,
  run,
  shell,
  stopsignal,
  user,
  volume,
  workdir,
};

/// "RUN"
[[nodiscard]] std::string_view name_of(Keyword keyword);
/// In any case; nothing when there is no such instruction.
[[nodiscard]] std::optional<Keyword> keyword_of(std::string_view word);
/// Each of them, for hints.
[[nodiscard]] std::string nearest_keyword(std::string_view word);

/// `--name=value` between an instruction's name and its arguments.
struct Flag {
  std::string name;
  std::optional<std::string> value;
};

/// `<<EOF` and what stands below it.
struct Heredoc {
  std::string name;
  std::string content;
  bool expand = true;  ///< its name was not quoted
};

/// `key=value`, of ENV, LABEL and ARG.
struct Pair {
  std::string key;
  std::optional<std::string> value;  ///< not yet expanded, still quoted
};

/// One instruction, its continuation lines joined.
struct Instruction {
  Keyword keyword = Keyword::run;
  int line = 0;          ///< where it begins, from 1
  std::string original;  ///< "RUN echo hi", as the build prints it
  std::vector<Flag> flags;
  std::string rest;                ///< all after the flags, blanks trimmed
  bool json = false;               ///< `words` come from a JSON array
  std::vector<std::string> words;  ///< of the JSON form, else split at blanks
  std::vector<Pair> pairs;         ///< of ENV, LABEL, ARG
  std::vector<Heredoc> heredocs;   ///< of RUN, COPY, ADD

  [[nodiscard]] const Flag* flag(std::string_view name) const;
  /// The flag's value, or what is empty.
  [[nodiscard]] std::string value(std::string_view name) const;
  [[nodiscard]] std::vector<std::string> values(std::string_view name) const;
  /// `--link`, `--link=true`; not `--link=false`.
  [[nodiscard]] bool is_set(std::string_view name) const;
};

}  // namespace docker_cpp::dockerfile
