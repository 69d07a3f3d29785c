// SPDX-License-Identifier: Apache-2.0
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "commands/commands.hpp"

#include "docker_cpp/cli/text.hpp"

namespace docker_cpp::cli::commands {

namespace {

/// Copies once from a readable descriptor. False at its end.
bool carry(int from, int to) {
  std::array<char, 65536> buffer;
  const auto got = ::read(from, buffer.data(), buffer.size());
  if (got == -1 && (errno == EINTR || errno == EAGAIN)) {
    return true;
  }
  if (got <= 0) {
    return false;
  }
  write_to(to, {buffer.data(), static_cast<std::size_t>(got)});
  return true;
}

}  // namespace

/// The far end of an ssh:// address: our stdin and stdout are the connection.
int dial_stdio(Context& context, const Arguments&) {
  const auto socket = context.engine.dial();
  bool typing = true;
  while (true) {
    std::array<pollfd, 2> polled = {
        pollfd{.fd = typing ? STDIN_FILENO : -1, .events = POLLIN},
        pollfd{.fd = socket.get(), .events = POLLIN}};
    while (::poll(polled.data(), polled.size(), -1) == -1 && errno == EINTR) {
    }
    if (polled[0].revents != 0 && !carry(STDIN_FILENO, socket.get())) {
      typing = false;
      ::shutdown(socket.get(), SHUT_WR);
    }
    if (polled[1].revents != 0 && !carry(socket.get(), STDOUT_FILENO)) {
      return 0;
    }
  }
}

}  // namespace docker_cpp::cli::commands
