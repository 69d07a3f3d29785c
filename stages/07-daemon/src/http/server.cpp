// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/daemon/http/server.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <utility>
#include <vector>

#include "connection.hpp"

#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/syscalls.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

namespace docker_cpp::daemon::http {
namespace {

using AsioError = boost::system::error_code;

sys::UniqueFd new_socket(int family) {
  return sys::UniqueFd(
      must(sys::check(
               ::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0),
               "socket"),
           "make a socket to listen on"));
}

sockaddr_un unix_address(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof(address.sun_path)) {
    errno = ENAMETOOLONG;
    throw Error(sys::fail("bind").error(), "listen on socket " + path);
  }
  path.copy(address.sun_path, path.size());
  return address;
}

const sockaddr* generic(const sockaddr_un& address) {
  return reinterpret_cast<const sockaddr*>(&address);
}

/// A socket file that nobody listens on is what a killed daemon left.
void remove_stale(const std::string& path, const sockaddr_un& address) {
  struct stat about{};
  if (::lstat(path.c_str(), &about) != 0 || !S_ISSOCK(about.st_mode)) {
    return;
  }
  const auto probe = new_socket(AF_UNIX);
  const bool refused =
      ::connect(probe.get(), generic(address), sizeof address) == -1 &&
      errno == ECONNREFUSED;
  if (refused) {
    ::unlink(path.c_str());
  }
}

}  // namespace

struct Server::Impl : std::enable_shared_from_this<Impl> {
  Impl(Executor& run_on, Service service, Limits limits)
      : executor(run_on),
        hub(std::make_shared<Hub>(std::move(service), limits)) {}

  struct Listener {
    Listener(asio::io_context& context, int fd) : descriptor(context, fd) {}
    asio::posix::stream_descriptor descriptor;
    Timer retry;
  };

  void listen(sys::UniqueFd socket) {
    auto listener =
        std::make_shared<Listener>(executor.context(), socket.release());
    {
      const std::lock_guard lock(hub->mutex);
      listeners.push_back(listener);
    }
    accept_when_ready(std::move(listener));
  }

  void accept_when_ready(std::shared_ptr<Listener> listener) {
    const std::lock_guard lock(hub->mutex);
    if (hub->stopped) {
      return;
    }
    auto& descriptor = listener->descriptor;
    descriptor.async_wait(
        asio::posix::stream_descriptor::wait_read,
        [self = shared_from_this(),
         listener = std::move(listener)](const AsioError& error) mutable {
          if (!error) {
            self->accept_all(std::move(listener));
          }
        });
  }

  void accept_all(std::shared_ptr<Listener> listener) {
    for (int i = 0; i < 64; ++i) {
      sys::UniqueFd client;
      {
        const std::lock_guard lock(hub->mutex);
        if (hub->stopped) {
          return;
        }
        client.reset(::accept4(listener->descriptor.native_handle(), nullptr,
                               nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
      }
      if (!client) {
        after_failed_accept(std::move(listener), errno);
        return;
      }
      if (hub->count < hub->limits.connections) {
        adopt(std::move(client));
      }
    }
    accept_when_ready(std::move(listener));
  }

  /// Out of descriptors, the listener would be readable for ever: pause.
  void after_failed_accept(std::shared_ptr<Listener> listener, int why) {
    if (why != EMFILE && why != ENFILE && why != ENOBUFS && why != ENOMEM) {
      accept_when_ready(std::move(listener));
      return;
    }
    auto* held = listener.get();
    held->retry = executor.after(
        std::chrono::milliseconds(100),
        [self = shared_from_this(), listener = std::move(listener)]() mutable {
          self->accept_when_ready(std::move(listener));
        });
  }

  void adopt(sys::UniqueFd client) {
    // Refused by a Unix socket, which needs none.
    const int on = 1;
    (void)::setsockopt(client.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    Socket socket(asio::make_strand(executor.context()));
    AsioError error;
    socket.assign(asio::generic::stream_protocol(AF_UNIX, 0), client.get(),
                  error);
    if (!error) {
      (void)client.release();
      std::make_shared<Connection>(hub, std::move(socket))->start();
    }
  }

  void stop() noexcept {
    std::vector<std::shared_ptr<Connection>> open;
    {
      const std::lock_guard lock(hub->mutex);
      hub->stopped = true;
      for (const auto& [key, connection] : hub->open) {
        if (auto held = connection.lock()) {
          open.push_back(std::move(held));
        }
      }
      AsioError ignored;
      for (const auto& listener : listeners) {
        listener->descriptor.close(ignored);
      }
      listeners.clear();
    }
    for (const auto& connection : open) {
      connection->close();
    }
    for (const auto& path : std::exchange(paths, {})) {
      ::unlink(path.c_str());
    }
  }

  Executor& executor;
  std::shared_ptr<Hub> hub;
  std::vector<std::shared_ptr<Listener>> listeners;
  std::vector<std::string> paths;
};

Server::Server(Executor& executor, Service service, Limits limits)
    : impl_(std::make_shared<Impl>(executor, std::move(service), limits)) {}

Server::~Server() {
  stop();
}

void Server::listen_unix(const std::string& path, mode_t mode, gid_t group) {
  const auto address = unix_address(path);
  remove_stale(path, address);
  auto socket = new_socket(AF_UNIX);
  // Nobody may connect before mode and group are right: fchmod before bind
  // sets the mode that the file is made with.
  must(sys::check_void(::fchmod(socket.get(), 0600), "fchmod"),
       "make socket " + path);
  must(sys::check_void(::bind(socket.get(), generic(address), sizeof address),
                       "bind"),
       "listen on socket " + path);
  impl_->paths.push_back(path);
  must(sys::check_void(::lchown(path.c_str(), static_cast<uid_t>(-1), group),
                       "chown"),
       "give socket " + path + " to its group");
  must(sys::check_void(::chmod(path.c_str(), mode), "chmod"),
       "set the mode of socket " + path);
  must(sys::check_void(::listen(socket.get(), SOMAXCONN), "listen"),
       "listen on socket " + path);
  impl_->listen(std::move(socket));
}

std::uint16_t Server::listen_tcp(const std::string& address,
                                 std::uint16_t port) {
  const std::string doing =
      "listen on " + address + " port " + std::to_string(port);
  AsioError error;
  const asio::ip::tcp::endpoint wanted(asio::ip::make_address(address, error),
                                       port);
  if (error) {
    throw Error({.code = EINVAL, .call = "inet_pton"}, doing);
  }
  auto socket = new_socket(wanted.protocol().family());
  const int on = 1;
  must(sys::check_void(
           ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on),
           "setsockopt"),
       doing);
  must(sys::check_void(::bind(socket.get(), wanted.data(),
                              static_cast<socklen_t>(wanted.size())),
                       "bind"),
       doing);
  must(sys::check_void(::listen(socket.get(), SOMAXCONN), "listen"), doing);
  asio::ip::tcp::endpoint bound;
  auto size = static_cast<socklen_t>(bound.capacity());
  must(sys::check_void(::getsockname(socket.get(), bound.data(), &size),
                       "getsockname"),
       doing);
  impl_->listen(std::move(socket));
  return bound.port();
}

void Server::listen_fd(sys::UniqueFd socket) {
  impl_->listen(std::move(socket));
}

void Server::stop() noexcept {
  impl_->stop();
}

std::size_t Server::connections() const noexcept {
  return impl_->hub->count;
}

}  // namespace docker_cpp::daemon::http
