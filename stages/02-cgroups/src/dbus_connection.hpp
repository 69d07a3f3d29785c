// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <stdexcept>
#include <string>

#include "dbus_message.hpp"

#include "docker_cpp/sys/unique_fd.hpp"

namespace docker_cpp::cgroups {

/// The other side has answered with an error.
class DbusError : public std::runtime_error {
 public:
  DbusError(std::string name, const std::string& message)
      : std::runtime_error(message), name_(std::move(name)) {}
  [[nodiscard]] const std::string& name() const noexcept { return name_; }

 private:
  std::string name_;
};

/// One conversation over a unix socket, for one thread. Waits at most half a
/// minute for each answer.
class DbusConnection {
 public:
  /// What is at the other end: a bus wants to be greeted, a service that
  /// listens itself (systemd's private socket) does not.
  enum class Peer : std::uint8_t { bus, service };

  /// \throws Error
  DbusConnection(const std::string& socket, Peer peer);

  /// Sends a call, returns the answer. \throws Error, DbusError
  DbusMessage call(DbusMessage message);

  /// Waits for a signal that `wanted` takes; those that came while a call was
  /// waiting count. \throws Error
  DbusMessage wait_for_signal(
      const std::function<bool(const DbusMessage&)>& wanted);

 private:
  using Clock = std::chrono::steady_clock;

  void authenticate();
  std::string read_line(Clock::time_point until);
  void receive(Clock::time_point until);
  DbusMessage next(Clock::time_point until);

  sys::UniqueFd socket_;
  std::string received_;
  std::vector<DbusMessage> signals_;
  std::uint32_t serial_ = 0;
};

}  // namespace docker_cpp::cgroups
