// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "commands/commands.hpp"
#include "tables/command_tables.hpp"
#include "tables/format_help.hpp"

namespace docker_cpp::cli::tables {

namespace {

constexpr OptionSpec description{0, "description", Kind::text, "string",
                                 "Description of the context"};
constexpr OptionSpec endpoint{0, "docker", Kind::map, "stringToString",
                              "set the docker endpoint (default [])"};

constexpr std::array create_options = {
    description, endpoint,
    OptionSpec{0, "from", Kind::text, "string",
               "create context from a named context"}};
constexpr std::array update_options = {description, endpoint};
constexpr std::array list_options = {
    OptionSpec{0, "format", Kind::text, "string", list_format_help},
    OptionSpec{'q', "quiet", Kind::flag, "", "Only show context names"}};
constexpr std::array inspect_options = {
    OptionSpec{'f', "format", Kind::text, "string", object_format_help}};
constexpr std::array remove_options = {OptionSpec{
    'f', "force", Kind::flag, "", "Force the removal of a context in use"}};

constexpr std::array table = {
    CommandSpec{.paths = {"context create"},
                .arguments = "[OPTIONS] CONTEXT",
                .summary = "Create a context",
                .options = create_options,
                .least = 1,
                .most = 1,
                .examples =
                    "docker context create far --docker host=ssh://me@far\n"
                    "docker context create far --docker "
                    "host=tcp://far:2376,ca=ca.pem,cert=cert.pem,key=key.pem",
                .offline = true,
                .run = commands::context_create},
    CommandSpec{.paths = {"context export"},
                .arguments = "[OPTIONS] CONTEXT [FILE|-]",
                .summary = "Export a context to a tar archive FILE or a tar "
                           "stream on STDOUT.",
                .least = 1,
                .most = 2,
                .completes = {Names::contexts, Names::files},
                .offline = true,
                .run = commands::context_export},
    CommandSpec{.paths = {"context import"},
                .arguments = "CONTEXT FILE|-",
                .summary = "Import a context from a tar or zip file",
                .least = 2,
                .most = 2,
                .completes = {Names::none, Names::files},
                .offline = true,
                .run = commands::context_import},
    CommandSpec{
        .paths = {"context inspect"},
        .arguments = "[OPTIONS] [CONTEXT] [CONTEXT...]",
        .summary = "Display detailed information on one or more contexts",
        .options = inspect_options,
        .least = 0,
        .most = -1,
        .completes = {Names::contexts, Names::contexts},
        .offline = true,
        .run = commands::context_inspect},
    CommandSpec{.paths = {"context ls", "context list"},
                .arguments = "[OPTIONS]",
                .summary = "List contexts",
                .aliases = "context ls, context list",
                .options = list_options,
                .least = 0,
                .most = 0,
                .offline = true,
                .run = commands::context_list},
    CommandSpec{.paths = {"context rm", "context remove"},
                .arguments = "CONTEXT [CONTEXT...]",
                .summary = "Remove one or more contexts",
                .aliases = "context rm, context remove",
                .options = remove_options,
                .least = 1,
                .most = -1,
                .completes = {Names::contexts, Names::contexts},
                .offline = true,
                .run = commands::context_remove},
    CommandSpec{.paths = {"context show"},
                .summary = "Print the name of the current context",
                .least = 0,
                .most = 0,
                .offline = true,
                .run = commands::context_show},
    CommandSpec{.paths = {"context update"},
                .arguments = "[OPTIONS] CONTEXT",
                .summary = "Update a context",
                .options = update_options,
                .least = 1,
                .most = 1,
                .completes = {Names::contexts},
                .offline = true,
                .run = commands::context_update},
    CommandSpec{.paths = {"context use"},
                .arguments = "CONTEXT",
                .summary = "Set the current docker context",
                .least = 1,
                .most = 1,
                .completes = {Names::contexts},
                .offline = true,
                .run = commands::context_use},
};

}  // namespace

std::span<const CommandSpec> context_commands() noexcept {
  return table;
}

}  // namespace docker_cpp::cli::tables
