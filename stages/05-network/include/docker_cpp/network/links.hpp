// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "docker_cpp/network/ipv4.hpp"
#include "docker_cpp/network/ipv6.hpp"
#include "docker_cpp/network/link_specs.hpp"
#include "docker_cpp/network/netlink.hpp"

namespace docker_cpp::network {

/// The links, addresses and routes of one network namespace.
///
/// Every call is one exchange with the kernel; the set_up_… ones put several
/// changes into one. Not thread safe. \man{rtnetlink,7}
class Links {
 public:
  /// Of the network namespace the calling thread is in. \throws Error
  static Links open();

  [[nodiscard]] std::optional<Link> find(const std::string& name);
  [[nodiscard]] std::vector<Link> list();
  [[nodiscard]] std::vector<Subnet> addresses(int index);
  /// Where this namespace sends packets to, the default route left out.
  [[nodiscard]] std::vector<Subnet> routes();
  [[nodiscard]] std::vector<Subnet6> routes6();

  /// Down and without an address.
  void create_bridge(const std::string& name, const MacAddress& mac, int mtu);
  void set_address(int index, const Subnet& address);
  void remove_address(int index, const Subnet& address);
  void set_up(int index);

  void create_veth(const VethPair& pair);
  /// Brings up the end here as a port of its bridge.
  void set_up_port(int index, const PortOptions& options);
  /// No frame goes through the port any more, and the bridge forgets what it
  /// has learnt there. No error if there is no such port.
  void cut_port(int index);
  /// Loopback up, address, link up, default route: a container's whole side.
  /// Without a gateway there is no route but the one to the neighbours.
  void set_up_endpoint(int index, const std::optional<Subnet>& address,
                       std::optional<Ipv4> gateway);
  /// What is for nobody in particular goes out by this link, to no gateway.
  struct Families {
    bool v4 = true;
    bool v6 = false;
  };
  void set_default_link(int index, Families families);
  /// To other addresses, by a gateway or directly by the link. No error if
  /// there is such a route.
  void add_route(int index, const Subnet& to, std::optional<Ipv4> gateway);
  /// The same for IPv6, of a link that is up. At once: nobody else can have
  /// the address, so there is no detection of duplicates to wait for.
  void set_address(int index, const Subnet6& address,
                   std::optional<Ipv6> gateway = std::nullopt);
  /// What is for nobody in particular goes to this gateway from now on.
  void set_default_route(Ipv4 gateway);
  void set_default_route(const Ipv6& gateway);

  /// A link that was just set up drops what is sent until a worker of the
  /// kernel has noticed its carrier; waits for that, for some milliseconds.
  void wait_until_operational(const std::string& name);

  // link_kinds.cpp
  void create_sublink(const Sublink& wanted);
  /// One VLAN of a link, "eth0.10".
  void create_vlan(const std::string& name, int parent, std::uint16_t id);
  /// A link that leads nowhere and is always up: a cable of its own for
  /// sublinks. Where the kernel has no "dummy", a veth pair does.
  void create_cable(const std::string& name);
  // link_vxlan.cpp
  void create_vxlan(const VxlanLink& wanted);
  /// Frames for that MAC go to that host.
  void add_remote_mac(int index, const MacAddress& mac, Ipv4 host);
  void remove_remote_mac(int index, const MacAddress& mac);
  /// For good; an ARP question about it is answered by the link itself.
  void add_neighbour(int index, Ipv4 address, const MacAddress& mac);
  void add_neighbour(int index, const Ipv6& address, const MacAddress& mac);
  void remove_neighbour(int index, Ipv4 address);
  void remove_neighbour(int index, const Ipv6& address);

  void set_alias(const std::string& name, const std::string& alias);
  /// Into another namespace, under another name.
  void move(int index, int netns, const std::string& name);

  /// No error if there is no such link.
  void remove(const std::string& name);

 private:
  template <typename Address>
  void neighbour(int index, const Address& address, const MacAddress* mac);
  explicit Links(NetlinkSocket socket) : socket_(std::move(socket)) {}

  NetlinkSocket socket_;
};

}  // namespace docker_cpp::network
