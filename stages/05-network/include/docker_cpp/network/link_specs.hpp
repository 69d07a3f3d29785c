// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "docker_cpp/network/ipv4.hpp"

/// Links as they are, and as they are asked for.
namespace docker_cpp::network {

struct Link {
  int index = 0;
  std::string name;
  std::string kind;   ///< "bridge", "veth"; empty for hardware
  std::string alias;  ///< any text, shown by `ip link`
  int master = 0;     ///< index of the bridge it is a port of
  MacAddress mac{};
  int mtu = 0;
  bool up = false;
  bool operational = false;  ///< up, with a carrier, and able to send
};

/// A veth pair: one end here, the other born inside another namespace.
struct VethPair {
  std::string name;       ///< of the end here
  std::string alias;      ///< of the end here, at most 255 characters
  int bridge = 0;         ///< index of the bridge it becomes a port of, or 0
  std::string peer_name;  ///< of the other end
  int peer_netns = -1;    ///< descriptor of the namespace it is born in
  MacAddress peer_mac{};
  int mtu = 1500;
};

/// A link that shares another one's cable: macvlan or ipvlan, born inside
/// another namespace. The numbers are the kernel's (linux/if_link.h).
struct Sublink {
  std::string kind;
  int parent = 0;  ///< index
  std::uint32_t mode = 0;
  std::uint16_t flags = 0;
  std::string name;
  std::string alias;
  int netns = -1;
  std::optional<MacAddress> mac;  ///< ipvlan has its parent's
  int mtu = 0;                    ///< 0: the parent's
};

/// What a bridge may treat specially about one of its ports.
struct PortOptions {
  bool hairpin = false;   ///< frames may leave where they came in
  bool isolated = false;  ///< no frames to other isolated ports
};

/// To the same network on other hosts.
struct VxlanLink {
  std::string name;
  std::uint32_t vni = 0;
  Ipv4 local;
  std::uint16_t port = 4789;
  int bridge = 0;  ///< index of the bridge it becomes a port of
  int mtu = 1450;
};

}  // namespace docker_cpp::network
