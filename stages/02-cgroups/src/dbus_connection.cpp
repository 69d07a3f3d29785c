// SPDX-License-Identifier: Apache-2.0
#include "dbus_connection.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::cgroups {
namespace {

constexpr std::chrono::seconds patience{30};

sys::UniqueFd connect_to(const std::string& path) {
  const std::string doing = "connect to D-Bus at " + path;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) {
    throw Error({.code = ENAMETOOLONG, .call = "connect"}, doing);
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  sys::UniqueFd socket(must(
      sys::check(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket"),
      doing));
  must(sys::check_void(
           ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address),
                     sizeof address),
           "connect"),
       doing);
  return socket;
}

[[noreturn]] void broken(const std::string& why) {
  throw Error({.code = EPROTO, .call = "recv"}, "talk over D-Bus: " + why);
}

std::string hexadecimal(const std::string& text) {
  constexpr const char* digits = "0123456789abcdef";
  std::string all;
  for (const char c : text) {
    all += digits[static_cast<unsigned char>(c) >> 4];
    all += digits[static_cast<unsigned char>(c) & 15];
  }
  return all;
}

}  // namespace

DbusConnection::DbusConnection(const std::string& socket, Peer peer)
    : socket_(connect_to(socket)) {
  authenticate();
  if (peer == Peer::bus) {
    call({.destination = "org.freedesktop.DBus",
          .path = "/org/freedesktop/DBus",
          .interface = "org.freedesktop.DBus",
          .member = "Hello"});
  }
}

/// "EXTERNAL": the socket's own credentials say who we are. BEGIN goes along at
/// once, as systemd's own clients send it: a message that came together with
/// it would lie in systemd's buffer until the next one comes.
void DbusConnection::authenticate() {
  const std::string hello = std::string("\0", 1) + "AUTH EXTERNAL " +
                            hexadecimal(std::to_string(::geteuid())) +
                            "\r\nBEGIN\r\n";
  must(sys::write_all(socket_.get(), hello), "greet D-Bus");
  const std::string answer = read_line(Clock::now() + patience);
  if (!answer.starts_with("OK ")) {
    broken("we are not let in: " + answer);
  }
}

void DbusConnection::receive(Clock::time_point until) {
  pollfd ready{.fd = socket_.get(), .events = POLLIN, .revents = 0};
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
      until - Clock::now());
  const int got = ::poll(
      &ready, 1, static_cast<int>(std::max<std::int64_t>(left.count(), 0)));
  if (got == -1 && errno == EINTR) {
    return;
  }
  if (got != 1) {
    throw Error({.code = ETIMEDOUT, .call = "poll"},
                "wait for an answer over D-Bus");
  }
  std::array<char, 4096> bytes{};
  const ssize_t size = ::read(socket_.get(), bytes.data(), bytes.size());
  if (size <= 0) {
    broken(size == 0 ? "the other side has hung up" : "the socket failed");
  }
  received_.append(bytes.data(), static_cast<std::size_t>(size));
}

std::string DbusConnection::read_line(Clock::time_point until) {
  std::size_t end = 0;
  while ((end = received_.find("\r\n")) == std::string::npos) {
    if (received_.size() > 4096) {
      broken("an endless greeting");
    }
    receive(until);
  }
  std::string line = received_.substr(0, end);
  received_.erase(0, end + 2);
  return line;
}

DbusMessage DbusConnection::next(Clock::time_point until) {
  while (true) {
    if (received_.size() >= 16) {
      const auto size = message_size(received_);
      if (!size) {
        broken(size.error());
      }
      if (received_.size() >= *size) {
        auto message = decode(std::string_view(received_).substr(0, *size));
        received_.erase(0, *size);
        if (!message) {
          broken(message.error());
        }
        return *std::move(message);
      }
    }
    receive(until);
  }
}

DbusMessage DbusConnection::call(DbusMessage message) {
  message.type = DbusMessage::Type::call;
  message.serial = ++serial_;
  must(sys::write_all(socket_.get(), encode(message)),
       "call " + message.member + " over D-Bus");
  const auto until = Clock::now() + patience;
  while (true) {
    DbusMessage answer = next(until);
    if (answer.type == DbusMessage::Type::signal) {
      signals_.push_back(std::move(answer));
    } else if (answer.reply_to == message.serial) {
      if (answer.type == DbusMessage::Type::error) {
        throw DbusError(answer.error_name,
                        answer.body.empty() || answer.body[0].text.empty()
                            ? answer.error_name
                            : answer.body[0].text);
      }
      return answer;
    }
  }
}

DbusMessage DbusConnection::wait_for_signal(
    const std::function<bool(const DbusMessage&)>& wanted) {
  const auto until = Clock::now() + patience;
  while (true) {
    const auto found = std::ranges::find_if(signals_, wanted);
    if (found != signals_.end()) {
      DbusMessage signal = std::move(*found);
      signals_.erase(found);
      return signal;
    }
    DbusMessage message = next(until);
    if (message.type == DbusMessage::Type::signal) {
      signals_.push_back(std::move(message));
    }
  }
}

}  // namespace docker_cpp::cgroups
