// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "docker_cpp/sys/unique_fd.hpp"

namespace docker_cpp::daemon {

/// A container's log read as one text, over its rotated files: path.2, path.1,
/// path. Goes on where it is at the end, also when the files are rotated
/// meanwhile: they are known by their inode, not by their name.
class LogFiles {
 public:
  /// Opens what exists. `tail`: only that many last lines, found by reading
  /// backwards. A log that nobody has written yet is an empty one.
  LogFiles(std::string path, std::optional<std::size_t> tail);

  /// The next whole line without its line end; nothing at the end for now.
  /// The view is good until the next call.
  [[nodiscard]] std::optional<std::string_view> next();

 private:
  struct File {
    sys::UniqueFd fd;
    ino_t inode = 0;
    std::uint64_t offset = 0;
    bool packed = false;  ///< gzip, and not unpacked yet
  };

  [[nodiscard]] std::optional<File> open(unsigned number) const;
  void open_all();
  void skip_to_tail(std::size_t lines);
  [[nodiscard]] bool fill();
  [[nodiscard]] bool advance();
  void check_truncated();
  static void unpack(File& file);

  std::string path_;
  std::deque<File> files_;  ///< oldest first; the last is being written
  std::string buffer_;
  std::size_t used_ = 0;  ///< of the buffer, by lines given out
};

}  // namespace docker_cpp::daemon
