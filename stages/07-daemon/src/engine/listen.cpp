// SPDX-License-Identifier: Apache-2.0
#include "listen.hpp"

#include <grp.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <charconv>
#include <cstdlib>

#include "docker_cpp/daemon/api_error.hpp"

namespace docker_cpp::daemon {
namespace {

constexpr std::uint16_t plain_port = 2375;
constexpr std::uint16_t tls_port = 2376;

[[noreturn]] void refuse(const std::string& why) {
  throw ApiError(ErrorCode::invalid_argument, why);
}

gid_t group_id(const std::string& name, const Log& log) {
  if (const group* entry = ::getgrnam(name.c_str())) {
    return entry->gr_gid;
  }
  if (name != "docker" && !name.empty()) {
    refuse("group " + name + " not found");
  }
  log(LogLevel::debug, "no group docker: the socket is root's alone");
  return 0;
}

struct TcpHost {
  std::string address;
  std::uint16_t port;
};

TcpHost parse_tcp(const std::string& where, std::uint16_t standard) {
  const std::size_t colon = where.rfind(':');
  TcpHost host{.address = where.substr(0, colon), .port = standard};
  if (colon != std::string::npos) {
    const char* end = where.data() + where.size();
    const auto [rest, error] =
        std::from_chars(where.data() + colon + 1, end, host.port);
    if (error != std::errc{} || rest != end) {
      refuse("invalid bind address (" + where + "): not a port");
    }
  }
  if (host.address == "localhost" || host.address.empty()) {
    host.address = host.address.empty() ? "0.0.0.0" : "127.0.0.1";
  }
  return host;
}

void listen_plain(ApiServer& api, const std::string& where, const Log& log) {
  const TcpHost host = parse_tcp(where, plain_port);
  if (host.address != "127.0.0.1") {
    log(LogLevel::warn, "binding to " + where +
                            " without TLS gives root on this machine to "
                            "everybody who can reach it");
  }
  api.listen_tcp(host.address, host.port);
}

/// Connections leave the gate through a socket that only root can open.
void listen_tls(Gates& gates, Executor& executor, ApiServer& api,
                const DaemonOptions& options, const std::string& where) {
  const std::string inner = options.exec_root + "/tls.sock";
  if (gates.empty()) {
    api.listen_unix(inner, 0600, static_cast<gid_t>(-1));
  }
  const TcpHost host = parse_tcp(where, tls_port);
  gates.push_back(std::make_unique<http::TlsGate>(
      executor, http::TlsOptions{.address = host.address,
                                 .port = host.port,
                                 .authority = options.tls_authority,
                                 .certificate = options.tls_certificate,
                                 .key = options.tls_key,
                                 .verify_clients = options.tls_verify,
                                 .target = inner}));
}

/// sd_listen_fds(3), without the library.
void listen_activated(ApiServer& api) {
  const char* pid = std::getenv("LISTEN_PID");
  const char* count = std::getenv("LISTEN_FDS");
  if (pid == nullptr || count == nullptr || std::to_string(::getpid()) != pid ||
      std::atoi(count) < 1) {
    refuse(
        "no sockets found via socket activation: -H fd:// is for a daemon "
        "that systemd starts; give unix:// or tcp://");
  }
  for (int i = 0; i < std::atoi(count); ++i) {
    api.listen_fd(sys::UniqueFd(3 + i));
  }
}

}  // namespace

Gates listen_on_hosts(Executor& executor, ApiServer& api,
                      const DaemonOptions& options, const Log& log) {
  Gates gates;
  std::vector<std::string> hosts = options.hosts;
  if (hosts.empty()) {
    hosts.push_back("unix://" + options.exec_root + "/docker-cpp.sock");
  }
  for (const std::string& host : hosts) {
    if (host.starts_with("unix://")) {
      api.listen_unix(host.substr(7), 0660, group_id(options.group, log));
    } else if (host.starts_with("tcp://") &&
               (options.tls || options.tls_verify)) {
      listen_tls(gates, executor, api, options, host.substr(6));
    } else if (host.starts_with("tcp://")) {
      listen_plain(api, host.substr(6), log);
    } else if (host.starts_with("fd://")) {
      listen_activated(api);
    } else {
      refuse("invalid bind address (" + host +
             "): give unix://PATH or tcp://ADDRESS:PORT");
    }
    log(LogLevel::info, "API listen on " + host);
  }
  return gates;
}

void notify(std::string_view state) {
  const char* path = std::getenv("NOTIFY_SOCKET");
  const std::string_view name = path == nullptr ? "" : path;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (name.empty() || name.size() >= sizeof address.sun_path) {
    return;
  }
  name.copy(address.sun_path, name.size());
  if (address.sun_path[0] == '@') {
    address.sun_path[0] = '\0';
  }
  const sys::UniqueFd socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ::sendto(
      socket.get(), state.data(), state.size(), MSG_NOSIGNAL,
      reinterpret_cast<const sockaddr*>(&address),
      static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size()));
}

}  // namespace docker_cpp::daemon
