// SPDX-License-Identifier: Apache-2.0
// What a started container's caller is given: its terminal, its pid; and what
// it gave: descriptors to pass on.
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "launch.hpp"

#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::runtime {
namespace {

sys::UniqueFd connect_to(const char* flag, const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) {
    throw Refusal(std::string("--") + flag + ": the path " + path +
                  " is too long");
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  sys::UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  must(sys::check_void(
           ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address),
                     sizeof address),
           "connect"),
       std::string("connect to the --") + flag + " " + path);
  return socket;
}

/// With a name, as runc has it: some readers show it.
void send_descriptor(int socket, int fd, std::string name) {
  iovec text{.iov_base = name.data(), .iov_len = name.size()};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr message{};
  message.msg_iov = &text;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  cmsghdr* header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof(int));
  std::memcpy(CMSG_DATA(header), &fd, sizeof fd);
  must(sys::check_void(::sendmsg(socket, &message, MSG_NOSIGNAL), "sendmsg"),
       "send " + name);
}

}  // namespace

void check_console(bool terminal, const std::string& socket,
                   Attendance attendance) {
  const bool detached = attendance == Attendance::detached;
  if (terminal && detached && socket.empty()) {
    throw Refusal(
        "cannot allocate tty if runc will detach without setting console "
        "socket");
  }
  if (!socket.empty() && !(terminal && detached)) {
    throw Refusal(
        "cannot use console socket if runc will not detach or allocate tty");
  }
}

void end_lines_plainly(const oci::Assembly& assembly,
                       const std::string& socket) {
  termios settings{};
  if (!assembly.console || !socket.empty() ||
      ::tcgetattr(assembly.console->master.get(), &settings) == -1) {
    return;
  }
  settings.c_oflag &= ~static_cast<tcflag_t>(ONLCR);
  ::tcsetattr(assembly.console->master.get(), TCSANOW, &settings);
}

std::optional<sys::UniqueFd> hand_over_console(oci::Assembly& assembly,
                                               const std::string& socket) {
  if (!assembly.console) {
    return std::nullopt;
  }
  assembly.console->slave.reset();
  if (socket.empty()) {
    return std::move(assembly.console->master);
  }
  send_descriptor(connect_to("console-socket", socket).get(),
                  assembly.console->master.get(), "/dev/ptmx");
  return std::nullopt;
}

void hand_over_terminal(int terminal, const std::string& socket) {
  if (!socket.empty()) {
    send_descriptor(connect_to("console-socket", socket).get(), terminal,
                    "/dev/ptmx");
  }
}

void hand_over_pidfd(const namespaces::Process& process,
                     const std::string& socket) {
  if (!socket.empty()) {
    send_descriptor(connect_to("pidfd-socket", socket).get(), process.pidfd(),
                    "pidfd");
  }
}

void write_pid_file(const std::string& path, pid_t pid) {
  const std::size_t slash = path.rfind('/');
  const std::size_t name = slash == std::string::npos ? 0 : slash + 1;
  const std::string beside = path.substr(0, name) + "." + path.substr(name) +
                             "." + std::to_string(::getpid());
  const auto file =
      must(sys::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644),
           "write the pid file " + path);
  must(sys::write_all(file.get(), std::to_string(pid)),
       "write the pid file " + path);
  if (::rename(beside.c_str(), path.c_str()) == -1) {
    const int code = errno;
    ::unlink(beside.c_str());
    throw Error({.code = code, .call = "rename"}, "write the pid file " + path);
  }
}

unsigned preserved_fds(const Context& context, std::int64_t asked,
                       std::vector<std::string>& env) {
  std::int64_t count = asked;
  // systemd's socket activation: \man{sd_listen_fds,3}
  if (const char* listening = std::getenv("LISTEN_FDS");
      listening != nullptr && *listening != '\0') {
    count += parse_number("LISTEN_FDS", listening);
    env.push_back(std::string("LISTEN_FDS=") + listening);
    env.emplace_back("LISTEN_PID=1");
  }
  if (count < 0 || count > context.inherited_fds) {
    throw UsageError("--preserve-fds: " + std::to_string(count) +
                     " descriptors from 3 on were asked for, but only " +
                     std::to_string(context.inherited_fds) + " are open");
  }
  return static_cast<unsigned>(count);
}

}  // namespace docker_cpp::runtime
