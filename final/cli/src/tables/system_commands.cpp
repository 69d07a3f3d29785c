// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "commands/commands.hpp"
#include "tables/command_tables.hpp"
#include "tables/events_options.hpp"
#include "tables/info_options.hpp"
#include "tables/inspect_options.hpp"
#include "tables/version_options.hpp"
namespace docker_cpp::cli::tables {

namespace {

constexpr std::array table = {
    CommandSpec{.paths = {"version"},
                .arguments = "[OPTIONS]",
                .summary = "Show the Docker version information",
                .options = version_options,
                .least = 0,
                .most = 0,
                .common = true,
                .run = commands::version},
    CommandSpec{.paths = {"info", "system info"},
                .arguments = "[OPTIONS]",
                .summary = "Display system-wide information",
                .aliases = "system info, info",
                .options = info_options,
                .least = 0,
                .most = 0,
                .common = true,
                .run = commands::info},
    CommandSpec{.paths = {"events", "system events"},
                .arguments = "[OPTIONS]",
                .summary = "Get real time events from the server",
                .aliases = "system events, events",
                .options = events_options,
                .least = 0,
                .most = 0,
                .run = commands::events},
    CommandSpec{.paths = {"inspect"},
                .arguments = "[OPTIONS] NAME|ID [NAME|ID...]",
                .summary = "Return low-level information on Docker objects",
                .options = inspect_options,
                .least = 1,
                .most = -1,
                .completes = {Names::objects, Names::objects},
                .run = commands::inspect},
    CommandSpec{.paths = {"system dial-stdio"},
                .summary = "Proxy the stdio stream to the daemon connection. "
                           "Should not be invoked manually.",
                .least = 0,
                .most = 0,
                .run = commands::dial_stdio},
};

}  // namespace

std::span<const CommandSpec> system_commands() noexcept {
  return table;
}

}  // namespace docker_cpp::cli::tables
