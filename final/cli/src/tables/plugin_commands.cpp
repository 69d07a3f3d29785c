// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "commands/commands.hpp"
#include "tables/command_tables.hpp"
#include "tables/format_help.hpp"

namespace docker_cpp::cli::tables {

namespace {

constexpr std::array list_options = {
    OptionSpec{'f', "filter", Kind::filter, "filter",
               "Provide filter values (e.g. \"enabled=true\")"},
    OptionSpec{0, "format", Kind::text, "string", list_format_help},
    OptionSpec{0, "no-trunc", Kind::flag, "", "Don't truncate output"},
    OptionSpec{'q', "quiet", Kind::flag, "", "Only display plugin IDs"}};
constexpr std::array inspect_options = {
    OptionSpec{'f', "format", Kind::text, "string", object_format_help}};
constexpr std::array enable_options = {
    OptionSpec{0, "timeout", Kind::integer, "int",
               "HTTP client timeout (in seconds) (default 30)"}};
constexpr std::array disable_options = {OptionSpec{
    'f', "force", Kind::flag, "", "Force the disable of an active plugin"}};
constexpr std::array remove_options = {OptionSpec{
    'f', "force", Kind::flag, "", "Force the removal of an active plugin"}};
constexpr OptionSpec checkpoint_folder{
    0, "checkpoint-dir", Kind::text, "string",
    "Use a custom checkpoint storage directory"};
constexpr std::array checkpoint_options = {checkpoint_folder};
constexpr std::array checkpoint_create_options = {
    checkpoint_folder,
    OptionSpec{0, "leave-running", Kind::flag, "",
               "Leave the container running after checkpoint"}};

constexpr std::array table = {
    CommandSpec{.paths = {"plugin ls", "plugin list"},
                .arguments = "[OPTIONS]",
                .summary = "List plugins",
                .aliases = "plugin ls, plugin list",
                .options = list_options,
                .least = 0,
                .most = 0,
                .run = commands::plugin_list},
    CommandSpec{
        .paths = {"plugin inspect"},
        .arguments = "[OPTIONS] PLUGIN [PLUGIN...]",
        .summary = "Display detailed information on one or more plugins",
        .options = inspect_options,
        .least = 1,
        .most = -1,
        .run = commands::plugin_inspect},
    CommandSpec{.paths = {"plugin enable"},
                .arguments = "[OPTIONS] PLUGIN",
                .summary = "Enable a plugin",
                .options = enable_options,
                .least = 1,
                .most = 1,
                .run = commands::plugin_enable},
    CommandSpec{.paths = {"plugin disable"},
                .arguments = "[OPTIONS] PLUGIN",
                .summary = "Disable a plugin",
                .options = disable_options,
                .least = 1,
                .most = 1,
                .run = commands::plugin_disable},
    CommandSpec{.paths = {"plugin rm", "plugin remove"},
                .arguments = "[OPTIONS] PLUGIN [PLUGIN...]",
                .summary = "Remove one or more plugins",
                .aliases = "plugin rm, plugin remove",
                .options = remove_options,
                .least = 1,
                .most = -1,
                .run = commands::plugin_remove},
    CommandSpec{.paths = {"plugin set"},
                .arguments = "PLUGIN KEY=VALUE [KEY=VALUE...]",
                .summary = "Change settings for a plugin",
                .least = 2,
                .most = -1,
                .run = commands::plugin_set},
    CommandSpec{.paths = {"checkpoint create"},
                .arguments = "[OPTIONS] CONTAINER CHECKPOINT",
                .summary = "Create a checkpoint from a running container",
                .options = checkpoint_create_options,
                .least = 2,
                .most = 2,
                .completes = {Names::running},
                .run = commands::checkpoint_create},
    CommandSpec{.paths = {"checkpoint ls", "checkpoint list"},
                .arguments = "[OPTIONS] CONTAINER",
                .summary = "List checkpoints for a container",
                .aliases = "checkpoint ls, checkpoint list",
                .options = checkpoint_options,
                .least = 1,
                .most = 1,
                .completes = {Names::containers},
                .run = commands::checkpoint_list},
    CommandSpec{.paths = {"checkpoint rm", "checkpoint remove"},
                .arguments = "[OPTIONS] CONTAINER CHECKPOINT",
                .summary = "Remove a checkpoint",
                .aliases = "checkpoint rm, checkpoint remove",
                .options = checkpoint_options,
                .least = 2,
                .most = 2,
                .completes = {Names::containers},
                .run = commands::checkpoint_remove},
};

}  // namespace

std::span<const CommandSpec> plugin_commands() noexcept {
  return table;
}

}  // namespace docker_cpp::cli::tables
