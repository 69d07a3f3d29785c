// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <stdexcept>

#include "exercise.hpp"

namespace {

void check(bool good, const char* doing) {
  if (!good) {
    throw std::runtime_error(std::string(doing) + ": " + std::strerror(errno));
  }
}

class Fd {
 public:
  explicit Fd(int fd) : fd_(fd) { check(fd >= 0, "open"); }
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;
  ~Fd() { ::close(fd_); }
  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_;
};

}  // namespace

void write_record(const std::string& folder, const std::string& name,
                  std::string_view body) {
  const Fd dir(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  const std::string beside = "." + name + ".new";
  {
    const Fd file(::openat(dir.get(), beside.c_str(),
                           O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    while (!body.empty()) {
      const ssize_t put = ::write(file.get(), body.data(), body.size());
      check(put > 0, "write");
      body.remove_prefix(static_cast<std::size_t>(put));
    }
    check(::fsync(file.get()) == 0, "fsync");
  }
  check(::renameat(dir.get(), beside.c_str(), dir.get(), name.c_str()) == 0,
        "rename");
  check(::fsync(dir.get()) == 0, "fsync the folder");
}
