// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "docker_cpp/sys/unique_fd.hpp"

namespace docker_cpp::monitor {

enum class Stream : std::uint8_t { standard_output = 1, standard_error = 2 };

/// One line of Docker's json-file log, appended to `into`:
/// {"log":"hi\n","stream":"stdout","time":"2026-01-02T03:04:05.678Z"}
/// Escapes as Go's encoding/json does. See docs/formats/log-file.md
/// `attributes`: what --log-opt labels, env and tag put beside each line, a
/// JSON object or nothing.
void append_log_line(std::string& into, std::string_view text, Stream stream,
                     std::chrono::system_clock::time_point time,
                     std::string_view attributes = {});

/// As the inside of a JSON string.
void append_escaped(std::string& into, std::string_view text);

[[nodiscard]] std::string log_attributes(
    const std::map<std::string, std::string>& attributes);

/// Cuts a stream of bytes into the lines of the log. A line longer than
/// 16 KiB is written in pieces, as Docker does: only the last ends in \n.
class LineCutter {
 public:
  static constexpr std::size_t longest = 16U << 10;

  /// Hears of each piece of a line, without its line end, and whether the
  /// line is whole with it.
  using Listener = std::function<void(
      std::string_view text, std::chrono::system_clock::time_point time,
      bool whole)>;

  explicit LineCutter(Stream stream, std::string attributes = {},
                      Listener listener = {})
      : stream_(stream),
        attributes_(std::move(attributes)),
        listener_(std::move(listener)) {}

  void feed(std::string_view bytes, std::string& log);
  /// Writes what is left without a line end.
  void finish(std::string& log);

 private:
  void emit(std::string_view text, std::string& log);

  Stream stream_;
  std::string attributes_;
  Listener listener_;
  std::string rest_;
};

/// The log file, renamed to .1, .2… when it grows beyond its limit.
class LogFile {
 public:
  struct Limits {
    std::uint64_t max_size = 0;  ///< bytes; 0: unlimited
    unsigned max_file = 1;
    bool compress = false;  ///< those that are not written any more
  };

  /// An empty path: nothing is kept. \throws Error
  LogFile(std::string path, Limits limits);

  /// Whole lines. What the disk does not take is lost, never the container.
  void write(std::string_view lines);
  /// Somebody emptied the file: its length is to be looked at again.
  void look_again();

 private:
  [[nodiscard]] std::size_t share(std::string_view lines) const;
  void rotate();
  void shift(unsigned from, unsigned to) const;
  void await_compression();
  [[nodiscard]] std::string numbered(unsigned n) const;

  std::string path_;
  Limits limits_;
  sys::UniqueFd file_;
  std::uint64_t size_ = 0;
  sys::UniqueFd compressing_;  ///< a pidfd
};

}  // namespace docker_cpp::monitor
