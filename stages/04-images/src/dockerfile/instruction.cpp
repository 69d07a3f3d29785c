// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/dockerfile/instruction.hpp"

#include <algorithm>
#include <array>

#include "text.hpp"

namespace docker_cpp::dockerfile {
namespace {

/// In the order of the enumeration.
constexpr std::array<std::string_view, 18> names = {
    "ADD",    "ARG",   "CMD",         "COPY",  "ENTRYPOINT", "ENV",
    "EXPOSE", "FROM",  "HEALTHCHECK", "LABEL", "MAINTAINER", "ONBUILD",
    "RUN",    "SHELL", "STOPSIGNAL",  "USER",  "VOLUME",     "WORKDIR"};

}  // namespace

std::string_view name_of(Keyword keyword) {
  return names.at(static_cast<std::size_t>(keyword));
}

std::optional<Keyword> keyword_of(std::string_view word) {
  const auto* const found = std::ranges::find(names, uppered(word));
  if (found == names.end()) {
    return std::nullopt;
  }
  return static_cast<Keyword>(found - names.begin());
}

std::string nearest_keyword(std::string_view word) {
  return nearest(uppered(word), names);
}

std::size_t distance(std::string_view one, std::string_view other) {
  std::vector<std::size_t> row(other.size() + 1);
  for (std::size_t j = 0; j <= other.size(); ++j) {
    row[j] = j;
  }
  for (std::size_t i = 1; i <= one.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= other.size(); ++j) {
      const std::size_t change =
          diagonal + (one[i - 1] == other[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, change});
    }
  }
  return row.back();
}

const Flag* Instruction::flag(std::string_view name) const {
  const auto found = std::ranges::find(flags, name, &Flag::name);
  return found == flags.end() ? nullptr : &*found;
}

std::string Instruction::value(std::string_view name) const {
  const Flag* found = flag(name);
  return found == nullptr ? "" : found->value.value_or("");
}

std::vector<std::string> Instruction::values(std::string_view name) const {
  std::vector<std::string> all;
  for (const Flag& one : flags) {
    if (one.name == name) {
      all.push_back(one.value.value_or(""));
    }
  }
  return all;
}

bool Instruction::is_set(std::string_view name) const {
  const Flag* found = flag(name);
  return found != nullptr && lowered(found->value.value_or("true")) == "true";
}

}  // namespace docker_cpp::dockerfile
