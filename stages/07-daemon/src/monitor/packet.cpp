// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/daemon/packet.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <cstdio>
#include <cstring>

namespace docker_cpp::monitor {
namespace {

constexpr std::size_t largest_packet = 8192;

sys::Result<sockaddr_un> address_in(int dir) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::snprintf(address.sun_path, sizeof address.sun_path,
                "/proc/self/fd/%d/monitor.sock", dir);
  return address;
}

sys::Result<sys::UniqueFd> new_socket() {
  const auto fd =
      sys::check(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0), "socket");
  if (!fd) {
    return std::unexpected(fd.error());
  }
  return sys::UniqueFd(*fd);
}

}  // namespace

std::string_view Packet::verb() const noexcept {
  return std::string_view(text).substr(0, text.find(' '));
}

std::string_view Packet::rest() const noexcept {
  const std::size_t blank = text.find(' ');
  return blank == std::string::npos ? std::string_view()
                                    : std::string_view(text).substr(blank + 1);
}

std::int64_t take_number(std::string_view& words) {
  while (words.starts_with(' ')) {
    words.remove_prefix(1);
  }
  std::int64_t value = 0;
  const auto [end, error] =
      std::from_chars(words.data(), words.data() + words.size(), value);
  words.remove_prefix(static_cast<std::size_t>(end - words.data()));
  return error == std::errc{} ? value : 0;
}

sys::Result<void> send_packet(int socket, std::string_view text, int fd) {
  text = text.substr(0, largest_packet);
  iovec part{.iov_base = const_cast<char*>(text.data()),
             .iov_len = text.size()};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
  if (fd != -1) {
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    std::memcpy(CMSG_DATA(header), &fd, sizeof fd);
  }
  for (;;) {
    if (::sendmsg(socket, &message, MSG_NOSIGNAL) != -1) {
      return {};
    }
    if (errno != EINTR) {
      return sys::fail("sendmsg");
    }
  }
}

sys::Result<Packet> receive_packet(int socket) {
  Packet packet;
  packet.text.resize(largest_packet);
  iovec part{.iov_base = packet.text.data(), .iov_len = packet.text.size()};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  ssize_t got = -1;
  do {
    // ECONNRESET comes once, when the other side went without having read all
    // of ours; what it said before is still there to be read.
    got = ::recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
  } while (got == -1 && (errno == EINTR || errno == ECONNRESET));
  if (got == -1) {
    return sys::fail("recvmsg");
  }
  packet.text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  const cmsghdr* header = CMSG_FIRSTHDR(&message);
  if (header != nullptr && header->cmsg_level == SOL_SOCKET &&
      header->cmsg_type == SCM_RIGHTS &&
      header->cmsg_len == CMSG_LEN(sizeof(int))) {
    int fd = -1;
    std::memcpy(&fd, CMSG_DATA(header), sizeof fd);
    packet.fd.reset(fd);
  }
  return packet;
}

sys::Result<sys::UniqueFd> listen_in(int dir) {
  auto listener = new_socket();
  if (!listener) {
    return listener;
  }
  const auto address = address_in(dir);
  ::unlinkat(dir, "monitor.sock", 0);  // of an earlier life
  const mode_t before = ::umask(0177);
  const int bound =
      ::bind(listener->get(), reinterpret_cast<const sockaddr*>(&*address),
             sizeof *address);
  const int why = errno;
  ::umask(before);
  if (bound == -1) {
    return std::unexpected(sys::SysError{.code = why, .call = "bind"});
  }
  if (::listen(listener->get(), 16) == -1) {
    return sys::fail("listen");
  }
  return listener;
}

sys::Result<sys::UniqueFd> connect_in(int dir) {
  auto connection = new_socket();
  if (!connection) {
    return connection;
  }
  const auto address = address_in(dir);
  if (::connect(connection->get(), reinterpret_cast<const sockaddr*>(&*address),
                sizeof *address) == -1) {
    return sys::fail("connect");
  }
  return connection;
}

}  // namespace docker_cpp::monitor
