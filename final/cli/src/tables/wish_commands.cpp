// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "commands/wishes.hpp"
#include "tables/command_tables.hpp"

namespace docker_cpp::cli::tables {

namespace {

constexpr std::array table = {
    CommandSpec{.paths = {"show-run", "container show-run"},
                .arguments = "CONTAINER [CONTAINER...]",
                .summary = "Print the command that would make a container "
                           "like this one",
                .aliases = "container show-run, show-run",
                .least = 1,
                .most = -1,
                .completes = {Names::containers, Names::containers},
                .run = commands::show_run},
    CommandSpec{.paths = {"doctor"},
                .summary = "Say what this machine and its engine lack",
                .least = 0,
                .most = 0,
                .run = commands::doctor},
};

}  // namespace

std::span<const CommandSpec> wish_commands() noexcept {
  return table;
}

}  // namespace docker_cpp::cli::tables
