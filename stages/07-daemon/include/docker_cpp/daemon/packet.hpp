// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "docker_cpp/sys/result.hpp"
#include "docker_cpp/sys/unique_fd.hpp"

/// What daemon and monitor say to each other: one line of words per packet of
/// a SOCK_SEQPACKET socket, sometimes with a descriptor.
/// See docs/formats/monitor-protocol.md
namespace docker_cpp::monitor {

struct Packet {
  std::string text;  ///< empty: the other side has gone
  sys::UniqueFd fd;

  [[nodiscard]] bool ended() const noexcept { return text.empty(); }
  /// The first word, and what follows the blank behind it.
  [[nodiscard]] std::string_view verb() const noexcept;
  [[nodiscard]] std::string_view rest() const noexcept;
};

/// Never raises SIGPIPE.
[[nodiscard]] sys::Result<void> send_packet(int socket, std::string_view text,
                                            int fd = -1);

/// EAGAIN when nothing is there and the socket does not block.
[[nodiscard]] sys::Result<Packet> receive_packet(int socket);

/// The next number of a packet's words; 0 when there is none.
[[nodiscard]] std::int64_t take_number(std::string_view& words);

/// A listening socket `monitor.sock` in an opened folder, and a connection to
/// one. Through the handle, because a socket's path has 107 bytes only.
[[nodiscard]] sys::Result<sys::UniqueFd> listen_in(int dir);
[[nodiscard]] sys::Result<sys::UniqueFd> connect_in(int dir);

}  // namespace docker_cpp::monitor
