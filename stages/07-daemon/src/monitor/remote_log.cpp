// SPDX-License-Identifier: Apache-2.0
#include "remote_log.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <charconv>
#include <cstring>

#include "docker_cpp/sys/error.hpp"

namespace docker_cpp::monitor {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds between_tries(1);
constexpr int connect_patience_ms = 3000;

std::string option(const MonitorConfig& config, const std::string& key) {
  const auto found = config.log_options.find(key);
  return found == config.log_options.end() ? "" : found->second;
}

struct Address {
  sockaddr_storage bytes{};
  socklen_t size = 0;
  int family = AF_UNIX;
};

/// "unix:/path" or "tcp:192.0.2.1:514".
Address parse_address(const std::string& text) {
  Address out;
  if (text.starts_with("unix:")) {
    auto* where = reinterpret_cast<sockaddr_un*>(&out.bytes);
    where->sun_family = AF_UNIX;
    text.copy(where->sun_path, sizeof where->sun_path - 1, 5);
    out.size = sizeof(sockaddr_un);
    return out;
  }
  auto* where = reinterpret_cast<sockaddr_in*>(&out.bytes);
  out.family = where->sin_family = AF_INET;
  const std::size_t colon = text.rfind(':');
  std::uint16_t port = 0;
  std::from_chars(text.data() + colon + 1, text.data() + text.size(), port);
  where->sin_port = htons(port);
  ::inet_pton(AF_INET, text.substr(4, colon - 4).c_str(), &where->sin_addr);
  out.size = sizeof(sockaddr_in);
  return out;
}

bool is_connected(int socket) {
  pollfd wanted{.fd = socket, .events = POLLOUT, .revents = 0};
  int error = 0;
  socklen_t size = sizeof error;
  if (::poll(&wanted, 1, connect_patience_ms) != 1) {
    errno = ETIMEDOUT;
    return false;
  }
  ::getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size);
  errno = error;
  return error == 0;
}

}  // namespace

RemoteLog::RemoteLog(Loop& loop, const MonitorConfig& config)
    : loop_(loop),
      format_(log_format(config)),
      address_(option(config, "address")),
      blocking_(option(config, "mode") != "non-blocking"),
      required_(option(config, "fluentd-async") != "true") {
  if (!format_) {
    return;
  }
  const std::string bound = option(config, "max-buffer-size");
  std::from_chars(bound.data(), bound.data() + bound.size(), bound_);
}

void RemoteLog::begin() {
  if (!active()) {
    return;
  }
  connect();
  if (!socket_ && required_) {
    throw Error({.code = errno, .call = "connect"},
                "failed to initialize logging driver: dial " + address_);
  }
}

RemoteLog::~RemoteLog() {
  lose();
}

/// A unix socket is of either type; syslog's is mostly one of datagrams.
bool RemoteLog::connect_now() {
  const Address address = parse_address(address_);
  const bool tcp = address_.starts_with("tcp:");
  const bool local = address.family == AF_UNIX;
  for (const int type : {SOCK_DGRAM, SOCK_STREAM}) {
    if ((tcp && type == SOCK_DGRAM) ||
        (!tcp && !local && type == SOCK_STREAM)) {
      continue;
    }
    sys::UniqueFd fd(
        ::socket(address.family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    const auto* where = reinterpret_cast<const sockaddr*>(&address.bytes);
    const int done = ::connect(fd.get(), where, address.size);
    if (done == 0 || (errno == EINPROGRESS && is_connected(fd.get()))) {
      datagrams_ = type == SOCK_DGRAM;
      socket_ = std::move(fd);
      return true;
    }
    if (errno != EPROTOTYPE) {
      return false;
    }
  }
  return false;
}

void RemoteLog::connect() {
  tried_ = Clock::now();
  if (!connect_now()) {
    socket_.reset();
  }
}

void RemoteLog::lose() {
  if (watched_) {
    loop_.forget(socket_.get());
    watched_ = false;
  }
  socket_.reset();
  sent_ = 0;
}

bool RemoteLog::full() const noexcept {
  return blocking_ && socket_ && queued_ >= bound_;
}

void RemoteLog::send(const LogEntry& entry) {
  queue_.push_back(format_(entry));
  queued_ += queue_.back().size();
  const bool may_drop = !blocking_ || !socket_;
  while (may_drop && queued_ > bound_ && queue_.size() > 1) {
    // Half of a message that is on its way is not taken back.
    const auto oldest = queue_.begin() + (sent_ > 0 ? 1 : 0);
    queued_ -= oldest->size();
    queue_.erase(oldest);
  }
  if (!socket_ && Clock::now() - tried_ >= between_tries) {
    connect();
  }
  flush();
}

void RemoteLog::flush() {
  const bool was_full = full();
  while (socket_ && !queue_.empty()) {
    const std::string& first = queue_.front();
    const ssize_t n = ::send(socket_.get(), first.data() + sent_,
                             first.size() - sent_, MSG_NOSIGNAL);
    if (n == -1 && (errno == EAGAIN || errno == ENOBUFS)) {
      break;
    }
    if (n == -1 && errno == EINTR) {
      continue;
    }
    if (n == -1 && errno != EMSGSIZE) {
      lose();  // tried again with a later line
      return;
    }
    sent_ += n > 0 ? static_cast<std::size_t>(n) : 0;
    if (datagrams_ || sent_ >= first.size()) {
      queued_ -= first.size();
      queue_.pop_front();
      sent_ = 0;
    }
  }
  watch(!queue_.empty());
  if (was_full && !full() && room_) {
    room_();
  }
}

void RemoteLog::watch(bool writable) {
  if (!socket_ || writable == watched_) {
    return;
  }
  watched_ = writable;
  if (writable) {
    loop_.watch(socket_.get(), EPOLLOUT, [this](std::uint32_t) { flush(); });
  } else {
    loop_.forget(socket_.get());
  }
}

void RemoteLog::drain(std::chrono::milliseconds patience) {
  const auto end = Clock::now() + patience;
  while (socket_ && !queue_.empty() && Clock::now() < end) {
    pollfd wanted{.fd = socket_.get(), .events = POLLOUT, .revents = 0};
    ::poll(&wanted, 1, 50);
    flush();
  }
}

}  // namespace docker_cpp::monitor
