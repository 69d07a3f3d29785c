// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "json_log.hpp"

#include "docker_cpp/sys/unique_fd.hpp"

namespace docker_cpp::monitor {

/// What a client of attach wants: letters of the `attach` packet.
struct Wants {
  bool input = false;
  bool output = false;
  bool error = false;

  static Wants parse(std::string_view letters) noexcept;
  [[nodiscard]] bool has(Stream stream) const noexcept {
    return stream == Stream::standard_output ? output : error;
  }
};

/// One who is attached: what it does not take at once is kept for it, up to a
/// bound beyond which the container's output is not read any more, as Docker
/// does.
class Client {
 public:
  static constexpr std::size_t bound = 256U << 10;

  /// `framed`: each piece behind the Engine API's 8 bytes.
  Client(sys::UniqueFd socket, Wants wants, bool framed);

  [[nodiscard]] int fd() const noexcept { return socket_.get(); }
  [[nodiscard]] const Wants& wants() const noexcept { return wants_; }
  [[nodiscard]] bool full() const noexcept { return queue_.size() >= bound; }
  [[nodiscard]] bool idle() const noexcept { return queue_.empty(); }
  [[nodiscard]] bool gone() const noexcept { return gone_; }

  void send(Stream stream, std::string_view bytes);
  /// Sends on what is kept.
  void flush();
  void stop_input() noexcept { wants_.input = false; }
  void set_gone() noexcept { gone_ = true; }

 private:
  /// How much of `bytes` the socket took.
  std::size_t push(std::string_view bytes);

  sys::UniqueFd socket_;
  Wants wants_;
  bool framed_;
  bool gone_ = false;
  std::string queue_;
};

}  // namespace docker_cpp::monitor
