// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace docker_cpp::cli {

/// Writes a tar (ustar, with pax headers for what does not fit) as it goes.
/// \throws Failure when the reader is gone
class TarStream {
 public:
  explicit TarStream(int fd) : fd_(fd) {}

  void folder(const std::string& name, mode_t mode, std::int64_t modified);
  void link(const std::string& name, const std::string& target,
            std::int64_t modified);
  void text(const std::string& name, std::string_view content, mode_t mode,
            std::int64_t modified);
  /// `size` bytes of a file; one that became shorter is filled with zeros.
  void file(const std::string& name, int from, const struct stat& status);
  void finish();

 private:
  struct Entry {
    std::string name;
    std::string target;
    char type = '0';
    mode_t mode = 0644;
    std::int64_t size = 0;
    std::int64_t modified = 0;
  };
  void header(const Entry& entry);
  void block(const Entry& entry);
  void pad(std::int64_t size);
  void write(std::string_view bytes);

  int fd_;
};

}  // namespace docker_cpp::cli
