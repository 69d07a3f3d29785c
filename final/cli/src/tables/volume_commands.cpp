// SPDX-License-Identifier: Apache-2.0
#include "tables/volume_commands.hpp"

#include <array>

#include "commands/storage_commands.hpp"

namespace docker_cpp::cli::tables {

namespace {

constexpr std::array create_options = {
    OptionSpec{'d', "driver", Kind::text, "string",
               "Specify volume driver name (default \"local\")"},
    OptionSpec{0, "label", Kind::label, "list", "Set metadata for a volume"},
    OptionSpec{0, "name", Kind::text, "string", ""},
    OptionSpec{'o', "opt", Kind::map, "map", "Set driver specific options"},
};

constexpr std::array inspect_options = {
    OptionSpec{'f', "format", Kind::text, "string",
               "Format output using a custom template"},
};

constexpr std::array list_options = {
    OptionSpec{'f', "filter", Kind::filter, "filter",
               "Provide filter values (e.g. \"dangling=true\")"},
    OptionSpec{0, "format", Kind::text, "string",
               "Format output using a custom template"},
    OptionSpec{'q', "quiet", Kind::flag, "", "Only display volume names"},
};

constexpr std::array remove_options = {
    OptionSpec{'f', "force", Kind::flag, "",
               "Force the removal of one or more volumes"},
};

constexpr std::array prune_options = {
    OptionSpec{'a', "all", Kind::flag, "",
               "Remove all unused volumes, not just anonymous ones"},
    OptionSpec{0, "filter", Kind::filter, "filter",
               "Provide filter values (e.g. \"label=<label>\")"},
    OptionSpec{'f', "force", Kind::flag, "", "Do not prompt for confirmation"},
};

constexpr std::array usage_options = {
    OptionSpec{0, "format", Kind::text, "string",
               "Format output using a custom template"},
    OptionSpec{'v', "verbose", Kind::flag, "",
               "Show detailed information on space usage"},
};

constexpr std::array table = {
    CommandSpec{.paths = {"volume create"},
                .arguments = "[OPTIONS] [VOLUME]",
                .summary = "Create a volume",
                .options = create_options,
                .least = 0,
                .most = 1,
                .run = commands::volume_create},
    CommandSpec{.paths = {"volume inspect"},
                .arguments = "[OPTIONS] VOLUME [VOLUME...]",
                .summary = "Display detailed information on one or more "
                           "volumes",
                .options = inspect_options,
                .least = 1,
                .most = -1,
                .run = commands::volume_inspect},
    CommandSpec{.paths = {"volume ls", "volume list"},
                .arguments = "[OPTIONS]",
                .summary = "List volumes",
                .aliases = "volume ls, volume list",
                .options = list_options,
                .least = 0,
                .most = 0,
                .run = commands::volume_ls},
    CommandSpec{.paths = {"volume prune"},
                .arguments = "[OPTIONS]",
                .summary = "Remove unused local volumes",
                .options = prune_options,
                .least = 0,
                .most = 0,
                .run = commands::volume_prune},
    CommandSpec{.paths = {"volume rename"},
                .arguments = "VOLUME NEW_NAME",
                .summary = "Rename a volume that no container uses",
                .least = 2,
                .most = 2,
                .run = commands::volume_rename},
    CommandSpec{.paths = {"volume rm", "volume remove"},
                .arguments = "[OPTIONS] VOLUME [VOLUME...]",
                .summary = "Remove one or more volumes",
                .aliases = "volume rm, volume remove",
                .options = remove_options,
                .least = 1,
                .most = -1,
                .run = commands::volume_rm},
    CommandSpec{.paths = {"system df"},
                .arguments = "[OPTIONS]",
                .summary = "Show docker disk usage",
                .options = usage_options,
                .least = 0,
                .most = 0,
                .run = commands::system_df},
};

}  // namespace

std::span<const CommandSpec> volume_commands() noexcept {
  return table;
}

}  // namespace docker_cpp::cli::tables
