// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "commands/wishes.hpp"
#include "tables/command_tables.hpp"

namespace docker_cpp::cli::tables {

namespace {

constexpr std::array dashboard_options = {
    OptionSpec{0, "allow-changes", Kind::flag, "",
               "Let the page start, stop and kill containers"},
    OptionSpec{'p', "port", Kind::unsigned16, "port",
               "Port on 127.0.0.1 (default: any that is free)"},
};

constexpr std::array table = {
    CommandSpec{.paths = {"explain", "container explain"},
                .arguments = "CONTAINER [CONTAINER...]",
                .summary = "Say what keeps a container apart from this "
                           "machine, and what it shares with it",
                .aliases = "container explain, explain",
                .least = 1,
                .most = -1,
                .completes = {Names::containers, Names::containers},
                .examples = "docker-cpp explain web",
                .run = commands::explain},
    CommandSpec{.paths = {"dashboard"},
                .summary = "Show containers, statistics, logs and events in "
                           "a browser of this machine",
                .options = dashboard_options,
                .least = 0,
                .most = 0,
                .examples = "docker-cpp dashboard --port 8080",
                .run = commands::show_dashboard},
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
