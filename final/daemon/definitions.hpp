// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "options.hpp"

namespace docker_cpp::daemon {

enum class Kind : std::uint8_t {
  text,
  flag,   ///< true or false; a bare --flag is true
  list,   ///< given several times
  pairs,  ///< key=value, given several times; a map in a file
};

/// Whether a running daemon takes a change.
enum class Reload : std::uint8_t { live, restart };

using Values = std::vector<std::string>;

/// One directive of the configuration: how it is spelled everywhere, and what
/// it does. The environment spells "log-level" DOCKER_CPPD_LOG_LEVEL.
struct Definition {
  std::string_view name;  ///< as daemon.json has it
  std::string_view flag;  ///< as CLI11 wants it: "-l,--log-level"
  Kind kind;
  Reload reload;
  std::string_view help;
  std::expected<void, std::string> (*apply)(Settings&, const Values&);
};

[[nodiscard]] std::span<const Definition> definitions();

/// Null for a name that nobody defined.
[[nodiscard]] const Definition* find_definition(std::string_view name);

}  // namespace docker_cpp::daemon
