// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "docker_cpp/daemon/daemon.hpp"
#include "docker_cpp/daemon/engine.hpp"
#include "docker_cpp/daemon/events.hpp"
#include "docker_cpp/daemon/executor.hpp"
#include "docker_cpp/sys/unique_fd.hpp"

namespace docker_cpp::daemon {

/// Reads the configuration again, takes over what a running daemon can, and
/// logs what changed and what waits for a restart. A mistake changes nothing.
void reload_configuration(const DaemonOptions& options, Engine& engine,
                          EventSystem& events, const std::string& id,
                          const Log& log);

/// Sends this process SIGHUP when the configuration's file, or one in conf.d
/// beside it, is written or replaced: editors do the one or the other.
class ConfigurationWatch {
 public:
  ConfigurationWatch(Executor& executor, const std::string& file);

 private:
  sys::UniqueFd inotify_;
  std::string name_;
  FdWatch watch_;
};

}  // namespace docker_cpp::daemon
