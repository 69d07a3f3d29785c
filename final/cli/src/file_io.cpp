// SPDX-License-Identifier: Apache-2.0
#include "file_io.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "docker_cpp/cli/failure.hpp"
#include "docker_cpp/cli/text.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::cli {

std::string reason_of(int code) {
  return to_lower(::strerror(code));
}

void make_folders(const std::string& path, mode_t mode) {
  for (auto end = path.find('/', 1);; end = path.find('/', end + 1)) {
    const auto part = path.substr(0, end);
    if (::mkdir(part.c_str(), mode) != 0 && errno != EEXIST) {
      throw Failure("mkdir " + part + ": " + reason_of(errno));
    }
    if (end == std::string::npos) {
      return;
    }
  }
}

void replace_file(const std::string& path, std::string_view text, mode_t mode) {
  const auto beside = path + "." + std::to_string(::getpid());
  {
    const auto file = sys::open(
        beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, mode);
    if (!file) {
      throw Failure("open " + beside + ": " + reason_of(file.error().code));
    }
    write_to(file->get(), text);
  }
  if (::rename(beside.c_str(), path.c_str()) != 0) {
    const int code = errno;
    ::unlink(beside.c_str());
    throw Failure("rename " + path + ": " + reason_of(code));
  }
}

std::string environment(const char* name) {
  const auto* value = std::getenv(name);
  return value == nullptr ? std::string() : value;
}

}  // namespace docker_cpp::cli
