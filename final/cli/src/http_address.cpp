// SPDX-License-Identifier: Apache-2.0
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cstring>

#include "capture_output.hpp"

#include "docker_cpp/cli/http.hpp"
#include "docker_cpp/cli/text.hpp"
#include "docker_cpp/cli/units.hpp"

namespace docker_cpp::cli::http {
namespace {

std::expected<Address, std::string> tcp_address(const std::string& text,
                                                std::string rest) {
  rest = rest.substr(0, rest.find('/'));
  const auto colon = rest.rfind(':');
  const bool has_port =
      colon != std::string::npos && rest.find(']', colon) == std::string::npos;
  Address address{.family = Address::Family::tcp,
                  .target = has_port ? rest.substr(0, colon) : rest,
                  .port = 2375,
                  .text = text};
  if (has_port && colon + 1 < rest.size()) {
    const auto port = parse_unsigned(rest.substr(colon + 1), 16);
    if (!port) {
      return std::unexpected("unable to parse docker host `" + text + "`");
    }
    address.port = static_cast<std::uint16_t>(*port);
  }
  if (address.target.starts_with('[') && address.target.ends_with(']')) {
    address.target = address.target.substr(1, address.target.size() - 2);
  }
  if (address.target.empty()) {
    address.target = "localhost";
  }
  return address;
}

sys::Result<sys::UniqueFd> open_socket(int family, const sockaddr* address,
                                       socklen_t length) {
  sys::UniqueFd fd(::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!fd) {
    return sys::fail("socket");
  }
  if (::connect(fd.get(), address, length) == -1) {
    return sys::fail("connect");
  }
  return fd;
}

sys::Result<sys::UniqueFd> connect_unix(const std::string& path) {
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  if (path.size() >= sizeof(name.sun_path)) {
    errno = ENAMETOOLONG;
    return sys::fail("connect");
  }
  std::memcpy(name.sun_path, path.data(), path.size());
  return open_socket(AF_UNIX, reinterpret_cast<const sockaddr*>(&name),
                     sizeof(name));
}

sys::Result<sys::UniqueFd> connect_tcp(const std::string& host,
                                       std::uint16_t port) {
  sockaddr_in name{};
  name.sin_family = AF_INET;
  name.sin_port = htons(port);
  sockaddr_in6 name6{};
  name6.sin6_family = AF_INET6;
  name6.sin6_port = htons(port);
  auto fd = [&]() -> sys::Result<sys::UniqueFd> {
    if (::inet_pton(AF_INET, host.c_str(), &name.sin_addr) == 1) {
      return open_socket(AF_INET, reinterpret_cast<const sockaddr*>(&name),
                         sizeof(name));
    }
    if (::inet_pton(AF_INET6, host.c_str(), &name6.sin6_addr) == 1) {
      return open_socket(AF_INET6, reinterpret_cast<const sockaddr*>(&name6),
                         sizeof(name6));
    }
    errno = EADDRNOTAVAIL;
    return sys::fail("connect");
  }();
  if (fd) {
    const int yes = 1;
    static_cast<void>(
        ::setsockopt(fd->get(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes)));
  }
  return fd;
}

/// The addresses of a host's name. A static program cannot load the name
/// service's modules; getent(1), which libc brings, asks them for us.
std::vector<std::string> resolve(const std::string& host) {
  if (host == "localhost") {
    return {"127.0.0.1", "::1"};
  }
  std::vector<std::string> addresses;
  for (const auto& line :
       split(capture_output({"getent", "ahosts", host}), "\n")) {
    const auto address = cut(line, ' ').first;
    if (!address.empty() &&
        (addresses.empty() || addresses.back() != address)) {
      addresses.push_back(address);
    }
  }
  if (addresses.empty()) {
    addresses.push_back(host);
  }
  return addresses;
}

bool is_numeric(const std::string& host) {
  return host.find_first_not_of("0123456789.") == std::string::npos ||
         host.find(':') != std::string::npos;
}

}  // namespace

std::expected<Address, std::string> parse_address(const std::string& text) {
  const auto separator = text.find("://");
  if (separator == std::string::npos && !text.empty()) {
    return tcp_address("tcp://" + text, text);
  }
  if (text.empty()) {
    return std::unexpected("unable to parse docker host `" + text + "`");
  }
  const auto scheme = text.substr(0, separator);
  auto rest = text.substr(separator + 3);
  if (scheme == "unix" || scheme == "fd") {
    return Address{
        .family = Address::Family::unix_socket,
        .target = rest.empty() ? "/run/docker-cpp/docker-cpp.sock" : rest,
        .text = text};
  }
  if (scheme == "tcp" || scheme == "http" || scheme == "https") {
    return tcp_address(text, std::move(rest));
  }
  if (scheme == "ssh") {
    auto address = tcp_address(text, std::move(rest));
    if (address) {
      address->family = Address::Family::ssh;
      // No port given: ssh's own configuration may know one.
      address->port = address->port == 2375 ? 0 : address->port;
    }
    return address;
  }
  return std::unexpected(
      "Failed to initialize: unable to resolve docker endpoint: invalid bind "
      "address format: " +
      text);
}

sys::Result<sys::UniqueFd> connect_to(const Address& address) {
  if (address.family == Address::Family::unix_socket) {
    return connect_unix(address.target);
  }
  if (is_numeric(address.target)) {
    return connect_tcp(address.target, address.port);
  }
  sys::Result<sys::UniqueFd> socket =
      std::unexpected(sys::SysError{.code = ENOENT, .call = "getent"});
  for (const auto& candidate : resolve(address.target)) {
    socket = connect_tcp(candidate, address.port);
    if (socket) {
      return socket;
    }
  }
  return socket;
}

}  // namespace docker_cpp::cli::http
