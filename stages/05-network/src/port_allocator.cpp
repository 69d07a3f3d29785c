// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/network/port_allocator.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

#include <charconv>
#include <cstring>

#include "docker_cpp/network/bridge_network.hpp"
#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/file.hpp"

namespace docker_cpp::network {
namespace {

enum class Reuse : std::uint8_t { no, yes };

sys::Result<sys::UniqueFd> bound_socket(const PortReservation& wanted,
                                        Reuse reuse) {
  const int type = wanted.protocol == IPPROTO_UDP ? SOCK_DGRAM : SOCK_STREAM;
  sys::UniqueFd socket(::socket(AF_INET, type | SOCK_CLOEXEC, wanted.protocol));
  if (!socket) {
    return sys::fail("socket");
  }
  const int on = 1;
  if (reuse == Reuse::yes && ::setsockopt(socket.get(), SOL_SOCKET,
                                          SO_REUSEADDR, &on, sizeof on) == -1) {
    return sys::fail("setsockopt SO_REUSEADDR");
  }
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(wanted.host_port);
  address.sin_addr.s_addr = htonl(wanted.host_ip.value);
  if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address),
             sizeof address) == -1) {
    return sys::fail("bind");
  }
  if (reuse == Reuse::yes && ::listen(socket.get(), 1) == -1) {
    return sys::fail("listen");
  }
  return socket;
}

/// A socket that nobody else may bind beside. Without SO_REUSEADDR a mere
/// bind does that, but is refused while old connections of a server that was
/// there before linger; then one that listens does it.
sys::Result<sys::UniqueFd> exclusive_socket(const PortReservation& wanted) {
  auto socket = bound_socket(wanted, Reuse::no);
  if (!socket && socket.error().code == EADDRINUSE &&
      wanted.protocol == IPPROTO_TCP) {
    return bound_socket(wanted, Reuse::yes);
  }
  return socket;
}

std::string dotted(Ipv4 address, std::uint16_t port) {
  return to_string(address) + ":" + std::to_string(port);
}

}  // namespace

PortAllocated::PortAllocated(const std::string& host_ip,
                             std::uint16_t host_port)
    : Error({.code = EADDRINUSE, .call = "bind"}, "reserve a port"),
      message_(host_port == 0
                   ? "Bind for " + host_ip + " failed: all ports are allocated"
                   : "Bind for " + host_ip + ":" + std::to_string(host_port) +
                         " failed: port is already allocated") {}

std::expected<std::uint8_t, std::string> parse_protocol(std::string_view name) {
  if (name == "tcp" || name.empty()) {
    return IPPROTO_TCP;
  }
  if (name == "udp") {
    return IPPROTO_UDP;
  }
  if (name == "sctp") {
    return IPPROTO_SCTP;
  }
  return std::unexpected("invalid proto: " + std::string(name));
}

PortAllocator::PortAllocator() : PortAllocator(49153, 65535) {
  const auto text = sys::read_file("/proc/sys/net/ipv4/ip_local_port_range");
  if (!text) {
    return;
  }
  unsigned first = 0;
  unsigned last = 0;
  const char* end = text->data() + text->size();
  const auto low = std::from_chars(text->data(), end, first);
  const char* rest = low.ptr;
  while (rest != end && (*rest == '\t' || *rest == ' ')) {
    ++rest;
  }
  std::from_chars(rest, end, last);
  if (first > 0 && first <= last && last <= 65535) {
    *this = PortAllocator(static_cast<std::uint16_t>(first),
                          static_cast<std::uint16_t>(last));
  }
}

PortReservation PortAllocator::reserve(std::uint8_t protocol, Ipv4 host_ip,
                                       std::uint16_t host_port,
                                       std::uint16_t last) {
  PortReservation wanted{
      .protocol = protocol, .host_ip = host_ip, .host_port = host_port};
  const unsigned tries = host_port == 0     ? last_ - first_ + 1U
                         : last > host_port ? last - host_port + 1U
                                            : 1U;
  for (unsigned i = 0; i < tries; ++i) {
    if (host_port != 0) {
      wanted.host_port = static_cast<std::uint16_t>(host_port + i);
    } else {
      wanted.host_port = next_;
      next_ = next_ == last_ ? first_ : static_cast<std::uint16_t>(next_ + 1);
    }
    auto socket = exclusive_socket(wanted);
    if (socket) {
      wanted.socket = *std::move(socket);
      return wanted;
    }
    if (socket.error().code == EPROTONOSUPPORT) {
      return wanted;  // no SCTP here: nobody can have the port, either
    }
    if (socket.error().code != EADDRINUSE) {
      must(std::move(socket), "Bind for " + dotted(host_ip, wanted.host_port));
    }
  }
  throw PortAllocated(to_string(host_ip), host_port);
}

}  // namespace docker_cpp::network
