// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "docker_cpp/daemon/executor.hpp"
#include "docker_cpp/daemon/http/exchange.hpp"
#include "docker_cpp/daemon/http/message.hpp"

namespace docker_cpp::daemon::http {

struct Limits {
  std::size_t header_bytes = 32U << 10;
  std::size_t body_bytes = 4U << 20;  ///< of a body that is not streamed
  std::chrono::milliseconds header_time{10'000};  ///< from the first byte
  std::chrono::milliseconds body_stall{60'000};   ///< without one more byte
  std::size_t connections = 16'384;
};

/// What a program does with a request: `body` says where the body goes before
/// it is read, `handle` is called on the event loop and must not block.
struct Service {
  enum class Body : std::uint8_t { whole, streamed };
  std::function<Body(std::string_view method, std::string_view path)> body;
  std::function<void(Request, ExchangePtr)> handle;

  /// A reply that the server itself gives, for a request that is not sound.
  std::function<std::pair<Head, std::string>(int status, std::string why)>
      refuse;
};

/// HTTP/1.0 and 1.1 on Unix and TCP sockets.
///
/// A request has one meaning or is refused and its connection closed: two
/// lengths, a length beside chunks, any coding but chunked, a broken chunk, no
/// or two Host, a header too long (RFC 9112, 6.3 and 11.2). An idle connection
/// holds no buffers.
class Server {
 public:
  Server(Executor& executor, Service service, Limits limits = {});
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Makes the socket with exactly that mode and group (-1: the process's),
  /// in place of one that nobody listens on any more.
  /// \throws Error
  void listen_unix(const std::string& path, mode_t mode, gid_t group);

  /// \returns the port, chosen by the kernel when 0 was asked for
  /// \throws Error
  std::uint16_t listen_tcp(const std::string& address, std::uint16_t port);

  /// Takes over a socket that listens already (socket activation).
  void listen_fd(sys::UniqueFd socket);

  /// Stops listening, removes the socket files, closes every connection.
  void stop() noexcept;

  [[nodiscard]] std::size_t connections() const noexcept;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace docker_cpp::daemon::http
