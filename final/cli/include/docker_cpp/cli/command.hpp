// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "docker_cpp/cli/arguments.hpp"
#include "docker_cpp/cli/client_config.hpp"
#include "docker_cpp/cli/engine.hpp"
#include "docker_cpp/cli/option_spec.hpp"

namespace docker_cpp::cli {

/// What a command works with.
struct Context {
  Engine& engine;
  std::string context_name;  ///< "default", or the --context
  ClientConfig& config;
  const Arguments& global;  ///< the options before the command
};

inline constexpr int unlimited = -1;

/// What a word of a command names, so that a shell can complete it.
enum class Names : std::uint8_t {
  none,
  containers,
  running,
  stopped,
  paused,
  images,
  networks,
  volumes,
  contexts,
  objects,  ///< of any of these kinds
  files
};

/// One row of the table of commands.
struct CommandSpec {
  std::array<std::string_view, 4> paths;  ///< "ps", "container ls"...
  std::string_view arguments;             ///< as its usage line shows them
  std::string_view summary;
  std::string_view aliases{};  ///< as its help lists them
  std::span<const OptionSpec> options{};
  int least = 0;  ///< words besides options
  int most = unlimited;
  Order order = Order::any;
  bool common = false;               ///< shown first
  std::array<Names, 2> completes{};  ///< the first word, all others
  std::string_view examples{};       ///< lines for --help and the manual
  /// Works without a daemon, even if none can be chosen.
  bool offline = false;
  int (*run)(Context&, const Arguments&);
};

struct CommandGroup {
  std::string_view name;
  std::string_view summary;
};

[[nodiscard]] std::span<const CommandSpec> all_commands() noexcept;
[[nodiscard]] std::span<const CommandGroup> all_groups() noexcept;
/// The command of that path ("container ls"), or none.
[[nodiscard]] const CommandSpec* find_command(std::string_view path) noexcept;
[[nodiscard]] const CommandGroup* find_group(std::string_view name) noexcept;
/// The word after the group's name, or nothing if it is not in that group.
[[nodiscard]] std::string_view name_in_group(const CommandSpec& command,
                                             std::string_view group) noexcept;
/// The name without a group; empty if it has none.
[[nodiscard]] std::string_view top_name(const CommandSpec& command) noexcept;

/// The global options, before the command.
[[nodiscard]] std::span<const OptionSpec> global_options() noexcept;

/// The texts of `--help`. `path` is the command as typed.
[[nodiscard]] std::string command_help(const CommandSpec& command,
                                       std::string_view path);
[[nodiscard]] std::string group_help(const CommandGroup& group);
[[nodiscard]] std::string program_help();
[[nodiscard]] std::string usage_line(const CommandSpec& command,
                                     std::string_view path);
/// "Run 'docker-cpp ps --help' for more information"
[[nodiscard]] std::string help_hint(std::string_view path);
/// Options as pflag lays them out in `columns`.
[[nodiscard]] std::string option_lines(std::span<const OptionSpec> options,
                                       std::size_t columns);

/// The whole program. \returns its exit code
[[nodiscard]] int run_program(std::span<const std::string> arguments);

}  // namespace docker_cpp::cli
