// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "docker_cpp/sys/unique_fd.hpp"

namespace docker_cpp::daemon::testing_support {

/// A folder that goes with the test.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = "/tmp/docker-cpp-api-XXXXXX";
    path_ = ::mkdtemp(name.data());
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  [[nodiscard]] std::string file(std::string_view name) const {
    return path_ + "/" + std::string(name);
  }

 private:
  std::string path_;
};

/// A client of bytes: says exactly what it is told, shows what came back.
class RawClient {
 public:
  explicit RawClient(const std::string& path)
      : socket_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    const auto* generic = reinterpret_cast<const sockaddr*>(&address);
    EXPECT_EQ(::connect(socket_.get(), generic, sizeof address), 0)
        << "connect to " << path;
    const timeval patience{.tv_sec = 5, .tv_usec = 0};
    ::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience,
                 sizeof patience);
  }

  bool say(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto sent =
          ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) {
        return false;
      }
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  void end_input() { ::shutdown(socket_.get(), SHUT_WR); }
  void leave() { socket_.reset(); }

  /// Reads until `mark` has come, the other side ends, or five seconds pass.
  std::string until(std::string_view mark) {
    while (seen_.find(mark) == std::string::npos && more()) {
    }
    const auto at = seen_.find(mark);
    const auto size = at == std::string::npos ? seen_.size() : at + mark.size();
    auto out = seen_.substr(0, size);
    seen_.erase(0, size);
    return out;
  }

  std::string until_end() {
    while (more()) {
    }
    return std::exchange(seen_, {});
  }

  /// One whole reply with Content-Length, or what came of it.
  std::string reply() {
    auto head = until("\r\n\r\n");
    const auto at = head.find("Content-Length: ");
    const std::size_t size =
        at == std::string::npos
            ? 0
            : std::strtoul(head.c_str() + at + 16, nullptr, 10);
    while (seen_.size() < size && more()) {
    }
    head += seen_.substr(0, size);
    seen_.erase(0, size);
    return head;
  }

  /// True when nothing comes for that long.
  bool silent_for(std::chrono::milliseconds time) {
    pollfd wait{.fd = socket_.get(), .events = POLLIN, .revents = 0};
    return seen_.empty() &&
           ::poll(&wait, 1, static_cast<int>(time.count())) == 0;
  }

  [[nodiscard]] int fd() const { return socket_.get(); }

 private:
  bool more() {
    char bytes[4096];
    ssize_t got = 0;
    do {  // with a time-out, recv is not restarted after a signal
      got = ::recv(socket_.get(), bytes, sizeof bytes, 0);
    } while (got == -1 && errno == EINTR);
    if (got > 0) {
      seen_.append(bytes, static_cast<std::size_t>(got));
    }
    return got > 0;
  }

  sys::UniqueFd socket_;
  std::string seen_;
};

}  // namespace docker_cpp::daemon::testing_support
