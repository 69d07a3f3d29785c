// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <vector>

#include "tables/command_tables.hpp"
#include "tables/volume_commands.hpp"

#include "docker_cpp/cli/command.hpp"

namespace docker_cpp::cli {
namespace {

constexpr std::array groups_table = {
    CommandGroup{"builder", "Manage builds"},
    CommandGroup{"checkpoint", "Manage checkpoints"},
    CommandGroup{"compose",
                 "Define and run applications of several containers"},
    CommandGroup{"container", "Manage containers"},
    CommandGroup{"context", "Manage contexts"},
    CommandGroup{"image", "Manage images"},
    CommandGroup{"manifest",
                 "Manage Docker image manifests and manifest lists"},
    CommandGroup{"network", "Manage networks"},
    CommandGroup{"plugin", "Manage plugins"},
    CommandGroup{"snapshot", "Manage snapshots of containers"},
    CommandGroup{"system", "Manage Docker"},
    CommandGroup{"volume", "Manage volumes"},
};

/// The parts, one after the other: copying a few kilobytes once costs less
/// than looking in several places each time.
std::vector<CommandSpec> gathered() {
  std::vector<CommandSpec> all;
  for (const auto part : {tables::container_commands, tables::image_commands,
                          tables::archive_commands, tables::build_commands,
                          tables::network_commands, tables::system_commands,
                          tables::context_commands, tables::plugin_commands,
                          tables::registry_commands, tables::compose_commands,
                          tables::wish_commands, tables::snapshot_commands,
                          tables::volume_commands}) {
    const auto commands = part();
    all.insert(all.end(), commands.begin(), commands.end());
  }
  return all;
}

}  // namespace

std::span<const CommandSpec> all_commands() noexcept {
  static const auto table = gathered();
  return table;
}

/// Only groups that have a command are there at all.
std::span<const CommandGroup> all_groups() noexcept {
  static const auto groups = [] {
    std::vector<CommandGroup> filled;
    for (const auto& group : groups_table) {
      if (std::ranges::any_of(all_commands(), [&](const auto& command) {
            return !name_in_group(command, group.name).empty();
          })) {
        filled.push_back(group);
      }
    }
    return filled;
  }();
  return groups;
}

}  // namespace docker_cpp::cli
