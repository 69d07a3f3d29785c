// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "docker_cpp/daemon/daemon.hpp"

namespace docker_cpp::daemon {

enum class Task : std::uint8_t { serve, validate };

struct Said;
struct Sources;

/// What the command line, the environment and the configuration files say.
struct Settings {
  DaemonOptions daemon;
  LogLevel log_level = LogLevel::info;
  bool debug = false;
  Task task = Task::serve;
  std::shared_ptr<const Sources> sources;  ///< to be read again
  /// As it was read, by directive.
  std::shared_ptr<const std::map<std::string, Said, std::less<>>> words;
};

/// An early end: --help, --version, or a sentence on what is wrong.
struct EarlyEnd {
  int exit_code = 0;
  std::string text;
};

[[nodiscard]] std::optional<LogLevel> parse_level(const std::string& name);

/// Flags as dockerd names them; keys of files as daemon.json names them (YAML
/// or JSON). Defaults, file, conf.d, environment, flags: later ones win.
[[nodiscard]] std::expected<Settings, EarlyEnd> read_settings(int argc,
                                                              char** argv);

/// Reads everything again, and reports what differs from what ran until now.
/// Takes over nothing when there is a mistake. Thread safe.
[[nodiscard]] Reloaded reload_settings(Settings& running);

}  // namespace docker_cpp::daemon
