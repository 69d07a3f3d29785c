// SPDX-License-Identifier: Apache-2.0
#include "client.hpp"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <utility>

namespace docker_cpp::monitor {

Wants Wants::parse(std::string_view letters) noexcept {
  const auto has = [&](char c) {
    return letters.find(c) != letters.npos;
  };
  return {.input = has('i'), .output = has('o'), .error = has('e')};
}

Client::Client(sys::UniqueFd socket, Wants wants, bool framed)
    : socket_(std::move(socket)), wants_(wants), framed_(framed) {}

std::size_t Client::push(std::string_view bytes) {
  std::size_t sent = 0;
  while (sent < bytes.size() && !gone_) {
    const ssize_t n = ::send(socket_.get(), bytes.data() + sent,
                             bytes.size() - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n > 0) {
      sent += static_cast<std::size_t>(n);
    } else if (errno == EAGAIN) {
      break;
    } else if (errno != EINTR) {
      gone_ = true;
    }
  }
  return sent;
}

void Client::send(Stream stream, std::string_view bytes) {
  std::string framed;
  if (framed_) {
    const std::size_t size = bytes.size();
    const std::array<char, 8> head{static_cast<char>(stream),
                                   0,
                                   0,
                                   0,
                                   static_cast<char>(size >> 24),
                                   static_cast<char>(size >> 16),
                                   static_cast<char>(size >> 8),
                                   static_cast<char>(size)};
    framed.reserve(head.size() + size);
    framed.append(head.data(), head.size());
    framed += bytes;
    bytes = framed;
  }
  const std::size_t sent = queue_.empty() ? push(bytes) : 0;
  queue_ += bytes.substr(sent);
}

void Client::flush() {
  queue_.erase(0, push(queue_));
  if (gone_ || queue_.empty()) {
    queue_ = std::string();
  }
}

}  // namespace docker_cpp::monitor
