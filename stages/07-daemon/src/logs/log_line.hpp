// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "docker_cpp/daemon/model.hpp"

namespace docker_cpp::daemon {

/// A line of a json-file log, decoded.
struct LogLine {
  std::string text;  ///< with its line end, if it has one
  bool is_stderr = false;
  std::string_view time;   ///< RFC 3339, as written; lives in the input
  std::string_view attrs;  ///< a JSON object, or nothing
};

/// Decodes {"log":"…","stream":"stdout","attrs":{…},"time":"…"} in any order
/// of keys. Nothing for a line that is not that: a crash may have cut one.
///
/// A scanner for this one shape, because a general JSON library is six times
/// slower and logs are the one place where that shows (docs/formats).
[[nodiscard]] std::optional<LogLine> parse_log_line(std::string_view line);

/// "2026-01-02T03:04:05.6Z" with all nine digits, as `docker logs -t` prints
/// it; what is no such time comes back as it is.
[[nodiscard]] std::string fixed_width_time(std::string_view time);

}  // namespace docker_cpp::daemon
