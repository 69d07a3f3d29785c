// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "tables/global_options.hpp"

#include "docker_cpp/cli/command.hpp"

namespace docker_cpp::cli {

const CommandSpec* find_command(std::string_view path) noexcept {
  for (const auto& command : all_commands()) {
    if (!path.empty() &&
        std::ranges::find(command.paths, path) != command.paths.end()) {
      return &command;
    }
  }
  return nullptr;
}

const CommandGroup* find_group(std::string_view name) noexcept {
  for (const auto& group : all_groups()) {
    if (group.name == name) {
      return &group;
    }
  }
  return nullptr;
}

std::string_view name_in_group(const CommandSpec& command,
                               std::string_view group) noexcept {
  for (const auto path : command.paths) {
    if (path.size() > group.size() && path.starts_with(group) &&
        path[group.size()] == ' ') {
      return path.substr(group.size() + 1);
    }
  }
  return {};
}

std::string_view top_name(const CommandSpec& command) noexcept {
  const auto first = command.paths.front();
  return first.find(' ') == std::string_view::npos ? first : std::string_view();
}

std::span<const OptionSpec> global_options() noexcept {
  return tables::global_options;
}

}  // namespace docker_cpp::cli
