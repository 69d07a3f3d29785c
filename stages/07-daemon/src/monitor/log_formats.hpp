// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>

#include "json_log.hpp"

#include "docker_cpp/daemon/monitor_config.hpp"

namespace docker_cpp::monitor {

/// One line of output on its way to somebody else's log.
struct LogEntry {
  std::string_view text;  ///< without its line end
  Stream stream = Stream::standard_output;
  std::chrono::system_clock::time_point time;
  bool whole = true;  ///< false: the line goes on in the next entry
};

/// Prints an entry as the receiver of that driver reads it, framed for a
/// stream if it is one.
using LogFormat = std::function<std::string(const LogEntry&)>;

/// Of syslog (RFC 3164 and 5424), journald (its native protocol), fluentd (the
/// forward protocol in message mode), gelf 1.1. Empty for other drivers.
[[nodiscard]] LogFormat log_format(const MonitorConfig& config);

}  // namespace docker_cpp::monitor
