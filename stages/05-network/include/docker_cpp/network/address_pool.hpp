// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <expected>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "docker_cpp/network/ipv4.hpp"
#include "docker_cpp/network/ipv6.hpp"

/// Who gets which address.
namespace docker_cpp::network {

/// A range from which networks of one size are cut.
struct AddressPool {
  Subnet base;
  int size = 16;  ///< prefix length of each network cut from it
};

/// 172.17.0.0/16 to 172.31.0.0/16, then 192.168.0.0/16 in pieces of /20.
[[nodiscard]] std::vector<AddressPool> default_pools();

/// "base=10.10.0.0/16,size=24", as dockerd's --default-address-pool.
[[nodiscard]] std::expected<AddressPool, std::string> parse_pool(
    std::string_view text);

/// The first network of the pools that overlaps nothing that is taken.
[[nodiscard]] std::optional<Subnet> choose_subnet(
    std::span<const AddressPool> pools, std::span<const Subnet> taken);

/// The addresses of one subnet that are given out. The network's own, the
/// broadcast address and the gateway's never are. Not thread safe.
class LeaseSet {
 public:
  /// `gateway` is an address within the subnet, with the subnet's prefix.
  explicit LeaseSet(const Subnet& gateway) : gateway_(gateway) {}

  /// Addresses that nobody asked for come from this part of the subnet.
  void prefer(const Subnet& range) { range_ = range; }
  /// Never given out: another machine on the same network has it.
  void reserve(Ipv4 address) { reserved_.insert(address); }

  /// The lowest free address; nothing when all are taken.
  [[nodiscard]] std::optional<Ipv4> take();
  /// That very address; false when it is taken or not one of ours.
  [[nodiscard]] bool take(Ipv4 wanted);
  void release(Ipv4 address) { leased_.erase(address); }
  [[nodiscard]] bool may_give(Ipv4 address) const noexcept;
  [[nodiscard]] std::size_t size() const noexcept { return leased_.size(); }

 private:
  Subnet gateway_;
  std::optional<Subnet> range_;
  std::set<Ipv4> reserved_;
  std::set<Ipv4> leased_;
};

/// The same for IPv6. There is no broadcast address; the subnet's first is the
/// routers' (RFC 4291, 2.6.1) and is not given out.
class LeaseSet6 {
 public:
  explicit LeaseSet6(const Subnet6& gateway) : gateway_(gateway) {}

  /// Addresses that nobody asked for come from this part of the subnet.
  void prefer(const Subnet6& range) { range_ = range; }
  [[nodiscard]] std::optional<Ipv6> take();
  [[nodiscard]] bool take(const Ipv6& wanted);
  void reserve(const Ipv6& address) { reserved_.insert(address); }
  void release(const Ipv6& address) { leased_.erase(address); }
  [[nodiscard]] bool may_give(const Ipv6& address) const noexcept;

 private:
  Subnet6 gateway_;
  std::optional<Subnet6> range_;
  std::set<Ipv6> reserved_;
  std::set<Ipv6> leased_;
};

}  // namespace docker_cpp::network
