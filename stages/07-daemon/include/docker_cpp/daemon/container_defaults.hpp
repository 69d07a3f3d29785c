// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "docker_cpp/daemon/host_config.hpp"

namespace docker_cpp::daemon {

/// A runtime beside our own: any that speaks the OCI's command line.
struct RuntimeEntry {
  std::string path;
  Strings arguments;  ///< before the command
};

/// What the daemon's configuration decides for containers that say nothing.
/// May change while the daemon runs; a container keeps what it was made with.
struct ContainerDefaults {
  std::string init_binary;  ///< of --init; empty: there is none
  bool init = false;
  std::string runtime = "docker-cpp";
  std::map<std::string, RuntimeEntry> runtimes;  ///< beside "docker-cpp"
  std::vector<Ulimit> ulimits;
  std::int64_t shm_size = 64 << 20;
  std::string ipc_mode = "private";
  std::string cgroupns_mode;  ///< empty: by the version of the cgroups
  bool no_new_privileges = false;
  std::string seccomp_profile;  ///< JSON, "unconfined", or empty: the built-in
  std::string log_driver = "json-file";
  Labels log_options = {{"max-size", "20m"}, {"max-file", "5"}};
};

}  // namespace docker_cpp::daemon
