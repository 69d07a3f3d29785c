// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/sys/file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::sys {

Result<std::string> read_all(int fd, std::size_t limit) {
  std::string text;
  char block[4096];
  for (;;) {
    const ssize_t got = ::read(fd, block, sizeof block);
    if (got == 0) {
      return text;
    }
    if (got > 0) {
      text.append(block, static_cast<std::size_t>(got));
      if (text.size() > limit) {
        return std::unexpected(SysError{.code = EFBIG, .call = "read"});
      }
    } else if (errno != EINTR) {
      return fail("read");
    }
  }
}

Result<std::string> read_file(const char* path, std::size_t limit) {
  return read_file_at(AT_FDCWD, path, limit);
}

Result<std::string> read_file_at(int dir, const char* path, std::size_t limit) {
  const Result<UniqueFd> fd = open_at(dir, path, O_RDONLY);
  if (!fd) {
    return std::unexpected(fd.error());
  }
  return read_all(fd->get(), limit);
}

Result<void> write_control(const char* path, std::string_view text) {
  return write_control_at(AT_FDCWD, path, text);
}

Result<void> write_control_at(int dir, const char* path,
                              std::string_view text) {
  const Result<UniqueFd> fd = open_at(dir, path, O_WRONLY);
  if (!fd) {
    return std::unexpected(fd.error());
  }
  // One write, not a loop: each write(2) is a command to the kernel.
  return check_void(::write(fd->get(), text.data(), text.size()), "write");
}

}  // namespace docker_cpp::sys
