// SPDX-License-Identifier: Apache-2.0
#include "commands/output_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>

#include "docker_cpp/cli/text.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::cli {
namespace {

[[noreturn]] void fail(const std::string& doing, int code) {
  throw Failure(doing + ": " + to_lower(::strerror(code)));
}

/// A device or a pipe is written to as it is; there is nothing to rename.
bool is_special(const std::string& path) {
  struct stat status{};
  return ::stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode);
}

}  // namespace

OutputFile::OutputFile(std::string path, const std::string& command)
    : path_(std::move(path)) {
  if (path_.empty()) {
    if (::isatty(STDOUT_FILENO) != 0) {
      throw Failure(
          "cowardly refusing to save to a terminal. Use the -o flag or "
          "redirect");
    }
    return;
  }
  auto target = path_;
  int flags = O_WRONLY;
  if (!is_special(path_)) {
    temporary_ = path_ + ".part" + std::to_string(::getpid());
    target = temporary_;
    flags |= O_CREAT | O_EXCL;
  }
  auto opened = sys::open(target.c_str(), flags, 0600);
  if (!opened) {
    if (opened.error().code == ENOENT) {
      const auto folder = path_.substr(0, path_.rfind('/'));
      fail("failed to " + command + ": invalid output path: stat " + folder,
           ENOENT);
    }
    fail("failed to " + command + ": open " + path_, opened.error().code);
  }
  file_ = *std::move(opened);
}

OutputFile::~OutputFile() {
  if (!temporary_.empty()) {
    ::unlink(temporary_.c_str());
  }
}

void OutputFile::receive(Exchange& exchange) {
  const int fd = file_ ? file_.get() : STDOUT_FILENO;
  std::string piece;
  while (exchange.next(piece)) {
    const auto written = sys::write_all(fd, piece);
    if (!written) {
      fail("write " + (path_.empty() ? "/dev/stdout" : path_),
           written.error().code);
    }
    piece.clear();
  }
  if (!temporary_.empty()) {
    if (::rename(temporary_.c_str(), path_.c_str()) == -1) {
      fail("rename " + temporary_, errno);
    }
    temporary_.clear();
  }
}

}  // namespace docker_cpp::cli
