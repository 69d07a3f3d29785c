// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "docker_cpp/cli/command.hpp"

/// The table of commands, one part per area; `all_commands` is their sum.
/// Look-up, help, completion and the manual pages all read it.
namespace docker_cpp::cli::tables {

[[nodiscard]] std::span<const CommandSpec> container_commands() noexcept;
[[nodiscard]] std::span<const CommandSpec> image_commands() noexcept;
[[nodiscard]] std::span<const CommandSpec> archive_commands() noexcept;
[[nodiscard]] std::span<const CommandSpec> build_commands() noexcept;
[[nodiscard]] std::span<const CommandSpec> registry_commands() noexcept;
[[nodiscard]] std::span<const CommandSpec> network_commands() noexcept;
[[nodiscard]] std::span<const CommandSpec> system_commands() noexcept;
[[nodiscard]] std::span<const CommandSpec> context_commands() noexcept;
[[nodiscard]] std::span<const CommandSpec> plugin_commands() noexcept;
[[nodiscard]] std::span<const CommandSpec> compose_commands() noexcept;
[[nodiscard]] std::span<const CommandSpec> wish_commands() noexcept;
[[nodiscard]] std::span<const CommandSpec> snapshot_commands() noexcept;

}  // namespace docker_cpp::cli::tables
