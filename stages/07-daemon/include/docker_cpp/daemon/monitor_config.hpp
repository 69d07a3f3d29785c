// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace docker_cpp::monitor {

/// What the daemon tells a monitor besides the OCI configuration: the file
/// `monitor.json` in the monitor's folder. See docs/formats/monitor-protocol.md
struct MonitorConfig {
  std::string id;  ///< of the container
  bool tty = false;
  bool open_stdin = false;
  bool stdin_once = false;  ///< stdin ends with the first client's

  std::string log_path;            ///< empty: no log
  std::uint64_t log_max_size = 0;  ///< bytes; 0: never rotated
  unsigned log_max_file = 1;       ///< how many files are kept

  bool log_compress = false;  ///< those that are not written any more
  std::string log_driver = "json-file";  ///< or local, syslog, journald...
  std::map<std::string, std::string> log_options;
  std::map<std::string, std::string> log_attributes;  ///< --log-opt labels, env
  std::string log_tag;

  /// An OCI runtime that builds the container in our place: program and
  /// arguments. Empty: the monitor itself.
  std::vector<std::string> runtime;

  std::string seccomp_program;  ///< file of a compiled filter; empty: none

  std::vector<std::string> lower;  ///< overlay layers, top first
  std::string upper;
  std::string work;
  bool durable = true;  ///< the writable layer is to survive a power cut

  // Of an exec session:
  pid_t container_pid = 0;
  std::string cgroup;
};

[[nodiscard]] std::string print_monitor_config(const MonitorConfig& config);

/// \throws std::runtime_error naming what is wrong
[[nodiscard]] MonitorConfig parse_monitor_config(std::string_view json);

}  // namespace docker_cpp::monitor
