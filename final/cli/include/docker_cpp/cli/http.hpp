// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "docker_cpp/sys/result.hpp"
#include "docker_cpp/sys/unique_fd.hpp"

/// Just enough HTTP/1.1 for the Engine API: one request at a time on a
/// connection, bodies by length, by chunks or to the end, and connections that
/// become a plain stream (101, or 200 without framing).
namespace docker_cpp::cli::http {

/// Where the daemon listens.
struct Address {
  enum class Family : std::uint8_t { unix_socket, tcp, ssh } family;
  std::string target;  ///< a path, or a host
  std::uint16_t port = 0;
  std::string text;  ///< as the user wrote it
};

/// How to speak TLS; files of PEM.
struct Tls {
  bool verify = true;
  std::string ca;  ///< empty: the system's
  std::string cert;
  std::string key;
};

/// "unix:///path", "tcp://host:port", "http://…", "fd://", "ssh://user@host".
[[nodiscard]] std::expected<Address, std::string> parse_address(
    const std::string& text);

/// A connected socket, blocking, close-on-exec.
[[nodiscard]] sys::Result<sys::UniqueFd> connect_to(const Address& address);

struct Request {
  std::string_view method;
  std::string path;  ///< with its query
  std::string body;
  std::string_view content_type;  ///< empty: no body was meant
  std::vector<std::pair<std::string, std::string>> headers;
  bool upgrade = false;  ///< asks for a plain stream
  int body_file = -1;    ///< sent in chunks instead of `body`
};

struct Head {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers;

  /// Without regard to case; empty when it is missing.
  [[nodiscard]] std::string_view header(std::string_view name) const noexcept;
};

/// The other side broke the protocol or went away. The text says which.
struct Broken {
  std::string reason;
  bool nothing_received = false;  ///< a stale kept-alive connection looks so
};

template <typename T>
using Received = std::expected<T, Broken>;

class Connection {
 public:
  explicit Connection(sys::UniqueFd socket) : socket_(std::move(socket)) {}

  [[nodiscard]] Received<void> send(const Request& request);
  /// Waits for the status line and headers; `1xx` but 101 are skipped.
  [[nodiscard]] Received<Head> receive_head(std::string_view method);
  /// Appends the next piece of the body; false when it has ended.
  [[nodiscard]] Received<bool> receive_body(std::string& into);
  [[nodiscard]] Received<std::string> receive_all(std::size_t limit);

  /// Whether another request may follow.
  [[nodiscard]] bool reusable() const noexcept;
  /// Some of the answer was read already: poll(2) will not tell of it.
  [[nodiscard]] bool buffered() const noexcept {
    return start_ < buffer_.size();
  }
  [[nodiscard]] int fd() const noexcept { return socket_.get(); }
  /// Gives the socket away, and what was read beyond the headers.
  [[nodiscard]] std::pair<sys::UniqueFd, std::string> release();

 private:
  enum class Framing : std::uint8_t { none, length, chunks, to_the_end };

  [[nodiscard]] Received<void> send_file(int fd);
  [[nodiscard]] Received<bool> fill();
  [[nodiscard]] Received<std::string> line();
  [[nodiscard]] Received<Head> read_one_head();
  [[nodiscard]] Received<void> choose_framing(const Head& head,
                                              std::string_view method);
  [[nodiscard]] Received<bool> next_chunk();
  [[nodiscard]] Received<void> skip_trailers();
  void take(std::string& into);

  sys::UniqueFd socket_;
  std::string buffer_;
  std::size_t start_ = 0;  ///< of what is unread in buffer_
  Framing framing_ = Framing::none;
  std::uint64_t left_ = 0;  ///< of the body, or of the chunk
  bool keep_alive_ = true;
};

/// `text` as a query or path component.
[[nodiscard]] std::string escape(std::string_view text);
/// `text` as a path component that may hold slashes (image names).
[[nodiscard]] std::string escape_path(std::string_view text);

/// "?a=1&b=2" from its parts; keys without a value are left out.
class Query {
 public:
  Query& add(std::string_view key, std::string_view value);
  Query& add_if(bool condition, std::string_view key);
  [[nodiscard]] const std::string& text() const noexcept { return text_; }

 private:
  std::string text_;
};

}  // namespace docker_cpp::cli::http
