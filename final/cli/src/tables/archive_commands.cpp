// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "commands/commands.hpp"
#include "commands/storage_commands.hpp"
#include "tables/command_tables.hpp"
#include "tables/commit_options.hpp"
#include "tables/container_prune_options.hpp"
#include "tables/cp_options.hpp"
#include "tables/export_container_options.hpp"
#include "tables/image_prune_options.hpp"
#include "tables/import_image_options.hpp"
#include "tables/load_options.hpp"
#include "tables/save_options.hpp"
#include "tables/system_prune_options.hpp"
namespace docker_cpp::cli::tables {

namespace {

constexpr std::array table = {
    CommandSpec{.paths = {"commit", "container commit"},
                .arguments = "[OPTIONS] CONTAINER [REPOSITORY[:TAG]]",
                .summary = "Create a new image from a container's changes",
                .aliases = "container commit, commit",
                .options = commit_options,
                .least = 1,
                .most = 2,
                .completes = {Names::containers},
                .run = commands::commit},
    CommandSpec{.paths = {"cp", "container cp"},
                .arguments = "[OPTIONS] CONTAINER:SRC_PATH... DEST_PATH|-\n"
                             "        docker-cpp cp [OPTIONS] SRC_PATH...|- "
                             "CONTAINER:DEST_PATH",
                .summary = "Copy files/folders between containers and the "
                           "local filesystem",
                .aliases = "container cp, cp",
                .options = cp_options,
                .least = 2,
                .most = -1,
                .completes = {Names::containers},
                .run = commands::cp},
    CommandSpec{.paths = {"diff", "container diff"},
                .arguments = "CONTAINER",
                .summary = "Inspect changes to files or directories on a "
                           "container's filesystem",
                .aliases = "container diff, diff",
                .least = 1,
                .most = 1,
                .completes = {Names::containers},
                .run = commands::diff},
    CommandSpec{.paths = {"export", "container export"},
                .arguments = "[OPTIONS] CONTAINER",
                .summary = "Export a container's filesystem as a tar archive",
                .aliases = "container export, export",
                .options = export_container_options,
                .least = 1,
                .most = 1,
                .completes = {Names::containers},
                .run = commands::export_container},
    CommandSpec{
        .paths = {"import", "image import"},
        .arguments = "[OPTIONS] file|URL|- [REPOSITORY[:TAG]]",
        .summary =
            "Import the contents from a tarball to create a filesystem image",
        .aliases = "image import, import",
        .options = import_image_options,
        .least = 1,
        .most = 2,
        .completes = {Names::files},
        .run = commands::import_image},
    CommandSpec{.paths = {"load", "image load"},
                .arguments = "[OPTIONS]",
                .summary = "Load an image from a tar archive or STDIN",
                .aliases = "image load, load",
                .options = load_options,
                .least = 0,
                .most = 0,
                .run = commands::load},
    CommandSpec{.paths = {"save", "image save"},
                .arguments = "[OPTIONS] IMAGE [IMAGE...]",
                .summary = "Save one or more images to a tar archive (streamed "
                           "to STDOUT by default)",
                .aliases = "image save, save",
                .options = save_options,
                .least = 1,
                .most = -1,
                .completes = {Names::images, Names::images},
                .run = commands::save},
    CommandSpec{.paths = {"container prune"},
                .arguments = "[OPTIONS]",
                .summary = "Remove all stopped containers",
                .options = container_prune_options,
                .least = 0,
                .most = 0,
                .run = commands::container_prune},
    CommandSpec{.paths = {"image prune"},
                .arguments = "[OPTIONS]",
                .summary = "Remove unused images",
                .options = image_prune_options,
                .least = 0,
                .most = 0,
                .run = commands::image_prune},
    CommandSpec{.paths = {"system prune"},
                .arguments = "[OPTIONS]",
                .summary = "Remove unused data",
                .options = system_prune_options,
                .least = 0,
                .most = 0,
                .run = commands::system_prune},
};

}  // namespace

std::span<const CommandSpec> archive_commands() noexcept {
  return table;
}

}  // namespace docker_cpp::cli::tables
