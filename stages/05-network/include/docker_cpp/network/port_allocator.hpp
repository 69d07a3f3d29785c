// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "docker_cpp/network/ipv4.hpp"
#include "docker_cpp/network/ipv6.hpp"
#include "docker_cpp/sys/unique_fd.hpp"

namespace docker_cpp::network {

/// Keeps a port of the host from others as long as it lives.
struct PortReservation {
  std::uint8_t protocol = 0;  ///< IPPROTO_…
  std::uint16_t host_port = 0;
  /// Bound and never read: packets are redirected before they get here.
  sys::UniqueFd socket;
};

/// "tcp", "udp" and "sctp" by their numbers.
[[nodiscard]] std::expected<std::uint8_t, std::string> parse_protocol(
    std::string_view name);

/// Gives out ports of the host. It is the kernel that knows which are free, so
/// each one is bound; the object itself only remembers where it went on.
/// Not thread safe.
class PortAllocator {
 public:
  /// Ports to choose from when any will do: those the kernel itself takes for
  /// outgoing connections, as Docker does, or 49153 to 65535.
  PortAllocator();
  PortAllocator(std::uint16_t first, std::uint16_t last)
      : first_(first), last_(last), next_(first) {}

  /// `host_port` 0 takes any free one; with `last`, any of that range.
  /// \throws PortAllocated, Error
  [[nodiscard]] PortReservation reserve(std::uint8_t protocol, Ipv4 host_ip,
                                        std::uint16_t host_port,
                                        std::uint16_t last = 0);
  [[nodiscard]] PortReservation reserve(std::uint8_t protocol,
                                        const Ipv6& host_ip,
                                        std::uint16_t host_port,
                                        std::uint16_t last = 0);

 private:
  template <typename Address>
  PortReservation take(std::uint8_t protocol, const Address& host_ip,
                       std::uint16_t host_port, std::uint16_t last);

  std::uint16_t first_;
  std::uint16_t last_;
  std::uint16_t next_;
};

}  // namespace docker_cpp::network
