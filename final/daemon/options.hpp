// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <expected>
#include <string>

#include "docker_cpp/daemon/daemon.hpp"

namespace docker_cpp::daemon {

/// What the command line and the configuration file say.
struct Settings {
  DaemonOptions daemon;
  LogLevel log_level = LogLevel::info;
  bool validate_only = false;
};

/// An early end: --help, --version, or a sentence on what is wrong.
struct EarlyEnd {
  int exit_code = 0;
  std::string text;
};

/// Flags as dockerd names them; keys of the file as daemon.json names them
/// (YAML or JSON). A directive given in both is refused, as Docker does.
[[nodiscard]] std::expected<Settings, EarlyEnd> read_settings(int argc,
                                                              char** argv);

}  // namespace docker_cpp::daemon
