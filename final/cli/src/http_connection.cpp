// SPDX-License-Identifier: Apache-2.0
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <cstring>

#include "docker_cpp/cli/http.hpp"
#include "docker_cpp/cli/text.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::cli::http {
namespace {

constexpr std::size_t largest_head = 64U << 10U;
constexpr std::size_t read_size = 64U << 10U;

std::unexpected<Broken> broken(std::string reason) {
  return std::unexpected(Broken{.reason = std::move(reason)});
}

std::unexpected<Broken> broken_by(const char* call, int code) {
  return broken(std::string(call) + ": " + to_lower(::strerror(code)));
}

/// A send that cannot raise SIGPIPE, whose place is taken by an error.
sys::Result<void> send_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent == -1 && errno != EINTR) {
      return sys::fail("send");
    }
    bytes.remove_prefix(sent == -1 ? 0 : static_cast<std::size_t>(sent));
  }
  return {};
}

bool contains_token(std::string_view list, std::string_view token) {
  return to_lower(list).find(token) != std::string::npos;
}

std::string head_of(const Request& request) {
  std::string text;
  text.reserve(512 + request.path.size());
  text.append(request.method).append(" ").append(request.path);
  text += " HTTP/1.1\r\nHost: api.moby.localhost\r\nUser-Agent: docker-cpp\r\n";
  for (const auto& [name, value] : request.headers) {
    text.append(name).append(": ").append(value).append("\r\n");
  }
  if (request.upgrade) {
    text += "Connection: Upgrade\r\nUpgrade: tcp\r\n";
  }
  if (!request.content_type.empty()) {
    text.append("Content-Type: ").append(request.content_type).append("\r\n");
  }
  if (request.body_file >= 0) {
    text += "Transfer-Encoding: chunked\r\n";
  } else if (request.method == "POST" || request.method == "PUT") {
    text += "Content-Length: " + std::to_string(request.body.size()) + "\r\n";
  }
  return text + "\r\n";
}

}  // namespace

std::string_view Head::header(std::string_view name) const noexcept {
  for (const auto& [key, value] : headers) {
    if (key.size() == name.size() && to_lower(key) == to_lower(name)) {
      return value;
    }
  }
  return {};
}

Received<void> Connection::send(const Request& request) {
  const auto sent = send_all(socket_.get(), head_of(request) + request.body);
  if (!sent) {
    return std::unexpected(
        Broken{.reason = "write: " + to_lower(::strerror(sent.error().code)),
               .nothing_received = true});
  }
  if (request.body_file >= 0) {
    return send_file(request.body_file);
  }
  return {};
}

Received<void> Connection::send_file(int fd) {
  std::string buffer(256U << 10U, '\0');
  while (true) {
    const auto got = ::read(fd, buffer.data(), buffer.size());
    if (got == -1 && errno == EINTR) {
      continue;
    }
    if (got == -1) {
      return broken_by("read", errno);
    }
    std::array<char, 24> size{};
    auto* end = std::to_chars(size.data(), size.data() + 20, got, 16).ptr;
    std::memcpy(end, "\r\n", 2);
    auto piece = std::string(size.data(), end + 2);
    piece.append(buffer, 0, static_cast<std::size_t>(got)).append("\r\n");
    if (!send_all(socket_.get(), piece)) {
      // The daemon may have answered before it read everything: its answer
      // says more than our broken pipe.
      return {};
    }
    if (got == 0) {
      return {};
    }
  }
}

Received<bool> Connection::fill() {
  if (start_ > 0) {
    buffer_.erase(0, start_);
    start_ = 0;
  }
  const auto old = buffer_.size();
  buffer_.resize(old + read_size);
  ssize_t got = 0;
  do {
    got = ::read(socket_.get(), buffer_.data() + old, read_size);
  } while (got == -1 && errno == EINTR);
  buffer_.resize(old + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  if (got == -1) {
    return broken_by("read", errno);
  }
  return got > 0;
}

Received<std::string> Connection::line() {
  while (true) {
    const auto end = buffer_.find('\n', start_);
    if (end != std::string::npos) {
      auto text = buffer_.substr(start_, end - start_);
      start_ = end + 1;
      if (text.ends_with('\r')) {
        text.pop_back();
      }
      return text;
    }
    if (buffer_.size() - start_ > largest_head) {
      return broken("malformed HTTP response: a line without end");
    }
    const bool empty = buffer_.size() == start_;
    const auto more = fill();
    if (!more) {
      auto error = more.error();
      error.nothing_received = empty;
      return std::unexpected(std::move(error));
    }
    if (!*more) {
      return std::unexpected(Broken{.reason = empty ? "EOF" : "unexpected EOF",
                                    .nothing_received = empty});
    }
  }
}

Received<Head> Connection::read_one_head() {
  const auto status = line();
  if (!status) {
    return std::unexpected(status.error());
  }
  Head head;
  const auto code = std::string_view(*status);
  if (!code.starts_with("HTTP/1.") || code.size() < 12 || code[8] != ' ' ||
      std::from_chars(code.data() + 9, code.data() + 12, head.status).ec !=
          std::errc{}) {
    return broken("malformed HTTP response " + quote(*status));
  }
  keep_alive_ = code[7] != '0';
  for (std::size_t size = 0; size <= largest_head;) {
    auto header = line();
    if (!header) {
      return broken("unexpected EOF");
    }
    if (header->empty()) {
      return head;
    }
    size += header->size();
    const auto colon = header->find(':');
    if (colon == std::string::npos) {
      return broken("malformed HTTP header " + quote(*header));
    }
    head.headers.emplace_back(
        header->substr(0, colon),
        trim(std::string_view(*header).substr(colon + 1)));
  }
  return broken("malformed HTTP response: too many headers");
}

Received<Head> Connection::receive_head(std::string_view method) {
  while (true) {
    auto head = read_one_head();
    if (!head) {
      return head;
    }
    if (head->status >= 200 || head->status == 101) {
      const auto framing = choose_framing(*head, method);
      if (!framing) {
        return std::unexpected(framing.error());
      }
      return head;
    }
  }
}

Received<void> Connection::choose_framing(const Head& head,
                                          std::string_view method) {
  left_ = 0;
  if (contains_token(head.header("Connection"), "close")) {
    keep_alive_ = false;
  }
  const auto length = head.header("Content-Length");
  if (method == "HEAD" || head.status == 204 || head.status == 304) {
    framing_ = Framing::none;
  } else if (contains_token(head.header("Transfer-Encoding"), "chunked")) {
    framing_ = Framing::chunks;
  } else if (!length.empty() && head.status != 101) {
    const auto* end = length.data() + length.size();
    const auto [stop, error] = std::from_chars(length.data(), end, left_);
    if (error != std::errc{} || stop != end) {
      return broken("bad Content-Length " + quote(length));
    }
    framing_ = left_ == 0 ? Framing::none : Framing::length;
  } else {
    framing_ = Framing::to_the_end;
    keep_alive_ = false;
  }
  return {};
}

/// Reads the size of the next chunk; false at the last one.
Received<bool> Connection::next_chunk() {
  const auto size = line();
  if (!size) {
    return broken("unexpected EOF");
  }
  const auto digits = trim(cut(*size, ';').first);
  const auto* end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, left_, 16);
  if (error != std::errc{} || stop != end) {
    return broken("malformed chunk size " + quote(*size));
  }
  if (left_ > 0) {
    return true;
  }
  const auto skipped = skip_trailers();
  if (!skipped) {
    return std::unexpected(skipped.error());
  }
  framing_ = Framing::none;
  return false;
}

Received<void> Connection::skip_trailers() {
  while (true) {
    const auto trailer = line();
    if (!trailer) {
      return broken("unexpected EOF");
    }
    if (trailer->empty()) {
      return {};
    }
  }
}

void Connection::take(std::string& into) {
  const auto available = buffer_.size() - start_;
  const auto count = framing_ == Framing::to_the_end
                         ? available
                         : std::min<std::uint64_t>(available, left_);
  into.append(buffer_, start_, count);
  start_ += count;
  left_ -= framing_ == Framing::to_the_end ? 0 : count;
}

Received<bool> Connection::receive_body(std::string& into) {
  if (framing_ == Framing::none) {
    return false;
  }
  if (framing_ == Framing::chunks && left_ == 0) {
    const auto more = next_chunk();
    if (!more || !*more) {
      return more;
    }
  }
  if (buffer_.size() == start_) {
    const auto more = fill();
    if (!more) {
      return more;
    }
    if (!*more && framing_ == Framing::to_the_end) {
      framing_ = Framing::none;
      return false;
    }
    if (!*more) {
      return broken("unexpected EOF");
    }
  }
  take(into);
  if (left_ == 0 && framing_ == Framing::length) {
    framing_ = Framing::none;
  } else if (left_ == 0 && framing_ == Framing::chunks) {
    const auto end = line();  // the CRLF after the chunk
    if (!end || !end->empty()) {
      return broken("malformed chunk");
    }
  }
  return true;
}

Received<std::string> Connection::receive_all(std::size_t limit) {
  std::string body;
  while (true) {
    const auto more = receive_body(body);
    if (!more) {
      return std::unexpected(more.error());
    }
    if (!*more) {
      return body;
    }
    if (body.size() > limit) {
      return broken("the answer is too long");
    }
  }
}

bool Connection::reusable() const noexcept {
  return keep_alive_ && framing_ == Framing::none && start_ == buffer_.size();
}

std::pair<sys::UniqueFd, std::string> Connection::release() {
  return {std::move(socket_), buffer_.substr(start_)};
}

}  // namespace docker_cpp::cli::http
