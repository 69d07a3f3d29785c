// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "commands/commands.hpp"
#include "tables/build_options.hpp"
#include "tables/command_tables.hpp"

namespace docker_cpp::cli::tables {

namespace {

constexpr std::array table = {
    CommandSpec{.paths = {"build", "image build", "builder build"},
                .arguments = "[OPTIONS] PATH | URL | -",
                .summary = "Build an image from a Dockerfile",
                .aliases = "build, image build, builder build",
                .options = build_options,
                .least = 1,
                .most = 1,
                .common = true,
                .completes = {Names::files},
                .examples = "docker-cpp build -t app:1 .\n"
                            "docker-cpp build --secret id=key,src=key.pem .\n"
                            "docker-cpp build -o type=tar,dest=root.tar .",
                .run = commands::build},
    CommandSpec{.paths = {"builder prune"},
                .arguments = "[OPTIONS]",
                .summary = "Remove build cache",
                .aliases = "builder prune, buildx prune",
                .options = builder_prune_options,
                .least = 0,
                .most = 0,
                .run = commands::builder_prune},
};

}  // namespace

std::span<const CommandSpec> build_commands() noexcept {
  return table;
}

}  // namespace docker_cpp::cli::tables
