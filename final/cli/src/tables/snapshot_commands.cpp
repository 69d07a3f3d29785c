// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "commands/wishes.hpp"
#include "tables/command_tables.hpp"

namespace docker_cpp::cli::tables {

namespace {

constexpr std::array list_options = {
    OptionSpec{0, "format", Kind::text, "string",
               "Format output using a custom template"},
    OptionSpec{'q', "quiet", Kind::flag, "", "Only display snapshot names"},
};

constexpr std::array clone_options = {
    OptionSpec{0, "snapshot", Kind::text, "string",
               "Take the files of this snapshot instead of those of now"},
};

constexpr std::array table = {
    CommandSpec{.paths = {"clone", "container clone"},
                .arguments = "[OPTIONS] CONTAINER [NAME]",
                .summary = "Make a container with the files and the "
                           "description of another one",
                .aliases = "container clone, clone",
                .options = clone_options,
                .least = 1,
                .most = 2,
                .completes = {Names::containers},
                .run = commands::clone},
    CommandSpec{.paths = {"snapshot create"},
                .arguments = "CONTAINER [NAME]",
                .summary = "Keep the files of a container as they are now",
                .least = 1,
                .most = 2,
                .completes = {Names::containers},
                .run = commands::snapshot_create},
    CommandSpec{.paths = {"snapshot ls", "snapshot list"},
                .arguments = "[OPTIONS] [CONTAINER]",
                .summary = "List snapshots",
                .aliases = "snapshot ls, snapshot list",
                .options = list_options,
                .least = 0,
                .most = 1,
                .completes = {Names::containers},
                .run = commands::snapshot_ls},
    CommandSpec{.paths = {"snapshot restore"},
                .arguments = "CONTAINER SNAPSHOT",
                .summary = "Give a stopped container the files of a snapshot "
                           "of it again",
                .least = 2,
                .most = 2,
                .completes = {Names::containers},
                .run = commands::snapshot_restore},
    CommandSpec{.paths = {"snapshot rm", "snapshot remove"},
                .arguments = "CONTAINER SNAPSHOT [SNAPSHOT...]",
                .summary = "Remove snapshots of a container",
                .aliases = "snapshot rm, snapshot remove",
                .least = 2,
                .most = -1,
                .completes = {Names::containers},
                .run = commands::snapshot_rm},
};

}  // namespace

std::span<const CommandSpec> snapshot_commands() noexcept {
  return table;
}

}  // namespace docker_cpp::cli::tables
