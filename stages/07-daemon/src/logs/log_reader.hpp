// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "log_files.hpp"
#include "log_line.hpp"

namespace docker_cpp::daemon {

struct LogOptions {
  bool standard_output = false;
  bool standard_error = false;
  bool timestamps = false;
  bool details = false;
  bool framed = true;  ///< 8 bytes before each line; not with a terminal
  std::optional<Time> since;
  std::optional<Time> until;
  std::optional<std::size_t> tail;
};

/// A container's log as a client asked for it, in pieces.
class LogReader {
 public:
  LogReader(std::string path, LogOptions options);

  enum class Progress : std::uint8_t {
    more,  ///< there is more to read at once
    caught_up,
    finished  ///< a line later than `until` was met
  };

  /// Appends lines until `into` holds about `room` bytes.
  [[nodiscard]] Progress read(std::string& into, std::size_t room);

 private:
  [[nodiscard]] bool wanted(const LogLine& line) const;
  void append(const LogLine& line, std::string& into) const;

  LogFiles files_;
  LogOptions options_;
  std::string since_;  ///< as text: fixed-width times compare as they sort
  std::string until_;
};

}  // namespace docker_cpp::daemon
