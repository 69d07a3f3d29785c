// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "docker_cpp/cli/command.hpp"

namespace docker_cpp::cli::tables {

/// One more part of the table of commands; see command_tables.hpp.
[[nodiscard]] std::span<const CommandSpec> volume_commands() noexcept;

}  // namespace docker_cpp::cli::tables
