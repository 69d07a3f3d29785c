// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "commands/commands.hpp"
#include "tables/command_tables.hpp"

namespace docker_cpp::cli::tables {

std::span<const CommandSpec> build_commands() noexcept {
  return {};
}

}  // namespace docker_cpp::cli::tables
