// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/network/port_allocator.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <charconv>
#include <cstring>

#include "docker_cpp/network/bridge_network.hpp"
#include "docker_cpp/network/port_owner.hpp"
#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/file.hpp"

namespace docker_cpp::network {
namespace {

enum class Reuse : std::uint8_t { no, yes };

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;
};

SocketAddress socket_address(Ipv4 ip, std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(ip.value);
  SocketAddress out{.size = sizeof address};
  std::memcpy(&out.storage, &address, sizeof address);
  return out;
}

SocketAddress socket_address(const Ipv6& ip, std::uint16_t port) {
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_port = htons(port);
  std::memcpy(&address.sin6_addr, ip.value.data(), ip.value.size());
  SocketAddress out{.size = sizeof address};
  std::memcpy(&out.storage, &address, sizeof address);
  return out;
}

sys::Result<sys::UniqueFd> bound_socket(const SocketAddress& address,
                                        std::uint8_t protocol, Reuse reuse) {
  const int type = protocol == IPPROTO_UDP ? SOCK_DGRAM : SOCK_STREAM;
  sys::UniqueFd socket(
      ::socket(address.storage.ss_family, type | SOCK_CLOEXEC, protocol));
  if (!socket) {
    return sys::fail("socket");
  }
  const int on = 1;
  if (reuse == Reuse::yes && ::setsockopt(socket.get(), SOL_SOCKET,
                                          SO_REUSEADDR, &on, sizeof on) == -1) {
    return sys::fail("setsockopt SO_REUSEADDR");
  }
  // The same port of IPv4 is another's, or our own.
  if (address.storage.ss_family == AF_INET6 &&
      ::setsockopt(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on) ==
          -1) {
    return sys::fail("setsockopt IPV6_V6ONLY");
  }
  if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address.storage),
             address.size) == -1) {
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
sys::Result<sys::UniqueFd> exclusive_socket(const SocketAddress& address,
                                            std::uint8_t protocol) {
  auto socket = bound_socket(address, protocol, Reuse::no);
  if (!socket && socket.error().code == EADDRINUSE && protocol == IPPROTO_TCP) {
    return bound_socket(address, protocol, Reuse::yes);
  }
  return socket;
}

}  // namespace

PortAllocated::PortAllocated(std::uint8_t protocol, std::string host_ip,
                             std::uint16_t host_port)
    : Error({.code = EADDRINUSE, .call = "bind"}, "reserve a port"),
      protocol_(protocol),
      host_ip_(std::move(host_ip)),
      host_port_(host_port) {
  const std::string shown =
      host_ip_.find(':') == std::string::npos ? host_ip_ : "[" + host_ip_ + "]";
  if (host_port == 0) {
    message_ = "Bind for " + shown + " failed: all ports are allocated";
    return;
  }
  message_ = "Bind for " + shown + ":" + std::to_string(host_port) +
             " failed: port is already allocated";
  // One that we keep for a container is for those to name who know it.
  const auto owner = find_port_owner(protocol, host_ip_, host_port);
  if (owner && owner->pid != ::getpid()) {
    message_ +=
        " (by " + owner->name + ", process " + std::to_string(owner->pid) + ")";
  }
}

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

template <typename Address>
PortReservation PortAllocator::take(std::uint8_t protocol,
                                    const Address& host_ip,
                                    std::uint16_t host_port,
                                    std::uint16_t last) {
  PortReservation wanted{.protocol = protocol, .host_port = host_port};
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
    auto socket =
        exclusive_socket(socket_address(host_ip, wanted.host_port), protocol);
    if (socket) {
      wanted.socket = *std::move(socket);
      return wanted;
    }
    if (socket.error().code == EPROTONOSUPPORT) {
      return wanted;  // no SCTP here: nobody can have the port, either
    }
    if (socket.error().code != EADDRINUSE) {
      must(std::move(socket), "Bind for " + to_string(host_ip) + " port " +
                                  std::to_string(wanted.host_port));
    }
  }
  throw PortAllocated(protocol, to_string(host_ip), host_port);
}

PortReservation PortAllocator::reserve(std::uint8_t protocol, Ipv4 host_ip,
                                       std::uint16_t host_port,
                                       std::uint16_t last) {
  return take(protocol, host_ip, host_port, last);
}

PortReservation PortAllocator::reserve(std::uint8_t protocol,
                                       const Ipv6& host_ip,
                                       std::uint16_t host_port,
                                       std::uint16_t last) {
  return take(protocol, host_ip, host_port, last);
}

}  // namespace docker_cpp::network
