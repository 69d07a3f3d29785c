// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace docker_cpp::network {

/// A process of the host that has a port.
struct PortOwner {
  pid_t pid = 0;
  std::string name;  ///< "nginx", as /proc/PID/comm calls it
};

/// Who listens on that port of this network namespace, on an address that
/// excludes `host_ip` (IPv4 or IPv6; empty: all of the host's). Looks at the
/// host's own table of sockets and at who holds them, and takes milliseconds:
/// for messages. Nothing when nobody is seen, or in a protocol that has no
/// such table.
[[nodiscard]] std::optional<PortOwner> find_port_owner(std::uint8_t protocol,
                                                       std::string_view host_ip,
                                                       std::uint16_t port);

/// Do two sockets of these addresses keep each other from one port? Addresses
/// as people write them; empty and the unspecified one are all.
[[nodiscard]] bool addresses_clash(std::string_view one,
                                   std::string_view other);

}  // namespace docker_cpp::network
