// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "commands/commands.hpp"
#include "tables/command_tables.hpp"
#include "tables/network_options.hpp"

namespace docker_cpp::cli::tables {

namespace {

constexpr std::array table = {
    CommandSpec{.paths = {"network connect"},
                .arguments = "[OPTIONS] NETWORK CONTAINER",
                .summary = "Connect a container to a network",
                .options = network_connect_options,
                .least = 2,
                .most = 2,
                .completes = {Names::networks, Names::containers},
                .run = commands::network_connect},
    CommandSpec{.paths = {"network create"},
                .arguments = "[OPTIONS] NETWORK",
                .summary = "Create a network",
                .options = network_create_options,
                .least = 1,
                .most = 1,
                .run = commands::network_create},
    CommandSpec{.paths = {"network disconnect"},
                .arguments = "[OPTIONS] NETWORK CONTAINER",
                .summary = "Disconnect a container from a network",
                .options = network_disconnect_options,
                .least = 2,
                .most = 2,
                .completes = {Names::networks, Names::containers},
                .run = commands::network_disconnect},
    CommandSpec{
        .paths = {"network inspect"},
        .arguments = "[OPTIONS] NETWORK [NETWORK...]",
        .summary = "Display detailed information on one or more networks",
        .options = network_inspect_options,
        .least = 1,
        .most = -1,
        .completes = {Names::networks, Names::networks},
        .run = commands::network_inspect},
    CommandSpec{.paths = {"network ls", "network list"},
                .arguments = "[OPTIONS]",
                .summary = "List networks",
                .aliases = "network ls, network list",
                .options = network_ls_options,
                .least = 0,
                .most = 0,
                .run = commands::network_ls},
    CommandSpec{.paths = {"network prune"},
                .arguments = "[OPTIONS]",
                .summary = "Remove all unused networks",
                .options = network_prune_options,
                .least = 0,
                .most = 0,
                .run = commands::network_prune},
    CommandSpec{.paths = {"network rm", "network remove"},
                .arguments = "NETWORK [NETWORK...]",
                .summary = "Remove one or more networks",
                .aliases = "network rm, network remove",
                .options = network_rm_options,
                .least = 1,
                .most = -1,
                .completes = {Names::networks, Names::networks},
                .run = commands::network_rm},
};

}  // namespace

std::span<const CommandSpec> network_commands() noexcept {
  return table;
}

}  // namespace docker_cpp::cli::tables
