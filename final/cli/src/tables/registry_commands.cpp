// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "commands/commands.hpp"
#include "tables/command_tables.hpp"
#include "tables/login_options.hpp"

namespace docker_cpp::cli::tables {

namespace {

constexpr std::array table = {
    CommandSpec{.paths = {"login"},
                .arguments = "[OPTIONS] [SERVER]",
                .summary = "Authenticate to a registry",
                .options = login_options,
                .least = 0,
                .most = 1,
                .common = true,
                .run = commands::login},
    CommandSpec{.paths = {"logout"},
                .arguments = "[SERVER]",
                .summary = "Log out from a registry",
                .least = 0,
                .most = 1,
                .common = true,
                .offline = true,
                .run = commands::logout},
    CommandSpec{.paths = {"search"},
                .arguments = "[OPTIONS] TERM",
                .summary = "Search Docker Hub for images",
                .options = search_options,
                .least = 1,
                .most = 1,
                .common = true,
                .run = commands::search},
    CommandSpec{.paths = {"system check"},
                .arguments = "[OPTIONS]",
                .summary = "Read all that images consist of, and say what is "
                           "damaged",
                .options = system_check_options,
                .least = 0,
                .most = 0,
                .run = commands::system_check},
    CommandSpec{.paths = {"manifest inspect"},
                .arguments = "[OPTIONS] [MANIFEST_LIST] MANIFEST",
                .summary = "Display an image manifest, or manifest list",
                .options = manifest_inspect_options,
                .least = 1,
                .most = 2,
                .offline = true,
                .run = commands::manifest_inspect},
    CommandSpec{.paths = {"manifest ls"},
                .arguments = "[OPTIONS] NAME",
                .summary = "List the manifests of a name in a registry, and "
                           "what refers to it",
                .options = manifest_ls_options,
                .least = 1,
                .most = 1,
                .offline = true,
                .run = commands::manifest_ls},
    CommandSpec{.paths = {"manifest create"},
                .arguments = "MANIFEST_LIST MANIFEST [MANIFEST...]",
                .summary = "Create a local manifest list for annotating and "
                           "pushing to a registry",
                .options = manifest_create_options,
                .least = 2,
                .most = unlimited,
                .offline = true,
                .run = commands::manifest_create},
    CommandSpec{
        .paths = {"manifest annotate"},
        .arguments = "[OPTIONS] MANIFEST_LIST MANIFEST",
        .summary = "Add additional information to a local image manifest",
        .options = manifest_annotate_options,
        .least = 2,
        .most = 2,
        .offline = true,
        .run = commands::manifest_annotate},
    CommandSpec{.paths = {"manifest push"},
                .arguments = "[OPTIONS] MANIFEST_LIST",
                .summary = "Push a manifest list to a repository",
                .options = manifest_push_options,
                .least = 1,
                .most = 1,
                .offline = true,
                .run = commands::manifest_push},
    CommandSpec{
        .paths = {"manifest rm"},
        .arguments = "MANIFEST_LIST [MANIFEST_LIST...]",
        .summary = "Delete one or more manifest lists from local storage",
        .least = 1,
        .most = unlimited,
        .offline = true,
        .run = commands::manifest_rm},
};

}  // namespace

std::span<const CommandSpec> registry_commands() noexcept {
  return table;
}

}  // namespace docker_cpp::cli::tables
