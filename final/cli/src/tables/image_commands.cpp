// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "commands/commands.hpp"
#include "tables/command_tables.hpp"
#include "tables/history_options.hpp"
#include "tables/image_inspect_options.hpp"
#include "tables/images_options.hpp"
#include "tables/pull_options.hpp"
#include "tables/push_options.hpp"
#include "tables/rmi_options.hpp"
namespace docker_cpp::cli::tables {

namespace {

constexpr std::array table = {
    CommandSpec{.paths = {"pull", "image pull"},
                .arguments = "[OPTIONS] NAME[:TAG|@DIGEST]",
                .summary = "Download an image from a registry",
                .aliases = "image pull, pull",
                .options = pull_options,
                .least = 1,
                .most = 1,
                .common = true,
                .completes = {Names::images},
                .run = commands::pull},
    CommandSpec{.paths = {"push", "image push"},
                .arguments = "[OPTIONS] NAME[:TAG]",
                .summary = "Upload an image to a registry",
                .aliases = "image push, push",
                .options = push_options,
                .least = 1,
                .most = 1,
                .common = true,
                .completes = {Names::images},
                .run = commands::push},
    CommandSpec{.paths = {"images", "image ls", "image list"},
                .arguments = "[OPTIONS] [REPOSITORY[:TAG]]",
                .summary = "List images",
                .aliases = "image ls, image list, images",
                .options = images_options,
                .least = 0,
                .most = 1,
                .common = true,
                .completes = {Names::images},
                .run = commands::images},
    CommandSpec{.paths = {"history", "image history"},
                .arguments = "[OPTIONS] IMAGE",
                .summary = "Show the history of an image",
                .aliases = "image history, history",
                .options = history_options,
                .least = 1,
                .most = 1,
                .completes = {Names::images},
                .run = commands::history},
    CommandSpec{.paths = {"rmi", "image rm", "image remove"},
                .arguments = "[OPTIONS] IMAGE [IMAGE...]",
                .summary = "Remove one or more images",
                .aliases = "image rm, image remove, rmi",
                .options = rmi_options,
                .least = 1,
                .most = -1,
                .completes = {Names::images, Names::images},
                .run = commands::rmi},
    CommandSpec{
        .paths = {"tag", "image tag"},
        .arguments = "SOURCE_IMAGE[:TAG] TARGET_IMAGE[:TAG]",
        .summary = "Create a tag TARGET_IMAGE that refers to SOURCE_IMAGE",
        .aliases = "image tag, tag",
        .least = 2,
        .most = 2,
        .completes = {Names::images},
        .run = commands::tag},
    CommandSpec{.paths = {"image inspect"},
                .arguments = "[OPTIONS] IMAGE [IMAGE...]",
                .summary = "Display detailed information on one or more images",
                .options = image_inspect_options,
                .least = 1,
                .most = -1,
                .completes = {Names::images, Names::images},
                .run = commands::image_inspect},
};

}  // namespace

std::span<const CommandSpec> image_commands() noexcept {
  return table;
}

}  // namespace docker_cpp::cli::tables
