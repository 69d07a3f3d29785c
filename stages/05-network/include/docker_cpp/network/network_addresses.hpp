// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <expected>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "docker_cpp/network/address_pool.hpp"
#include "docker_cpp/network/network_driver.hpp"

namespace docker_cpp::network {

/// What a person typed, or a sentence about it.
template <typename T>
T typed(std::expected<T, std::string> parsed) {
  if (!parsed) {
    throw std::invalid_argument(parsed.error());
  }
  return *std::move(parsed);
}

/// A subnet with its gateway; a network's first address stands for "the usual
/// gateway of it". \throws std::invalid_argument
[[nodiscard]] Subnet gateway_of(const std::string& subnet,
                                const std::string& gateway);
/// Nothing for an empty subnet.
[[nodiscard]] std::optional<Subnet6> gateway6_of(const std::string& subnet,
                                                 const std::string& gateway);

/// What one endpoint has of the network's addresses.
struct AddressLease {
  std::optional<Ipv4> v4;
  std::optional<Ipv6> v6;
};

/// The addresses of one network, of one family or of both. Not thread safe.
class NetworkAddresses {
 public:
  struct Options {
    std::string network;  ///< as it is called in messages
    std::optional<Subnet> gateway;
    std::optional<Subnet6> gateway6;
    std::string ip_range;
    std::string ip_range6;
    std::vector<std::string> reserved;
  };
  explicit NetworkAddresses(Options options);

  /// Of each family that the network has, the address that is asked for or the
  /// first free one; all or nothing.
  /// \throws std::invalid_argument, Error (EADDRINUSE), std::runtime_error
  [[nodiscard]] AddressLease lease(const EndpointRequest& request);
  void release(const AddressLease& lease);
  /// An endpoint of an earlier object has these already.
  AddressLease keep(const EndpointInfo& info);

  /// As the container's owner sees it.
  [[nodiscard]] EndpointInfo describe(const AddressLease& lease,
                                      const std::string& mac) const;

  [[nodiscard]] const std::optional<Subnet>& gateway() const noexcept {
    return options_.gateway;
  }
  [[nodiscard]] const std::optional<Subnet6>& gateway6() const noexcept {
    return options_.gateway6;
  }
  /// "172.19.0.0/16"; empty without IPv4.
  [[nodiscard]] std::string subnet_text() const;
  [[nodiscard]] std::string gateway_text() const;

 private:
  [[nodiscard]] Ipv4 lease4(const std::string& wanted);
  [[nodiscard]] Ipv6 lease6(const std::string& wanted);

  Options options_;
  std::optional<LeaseSet> leases_;
  std::optional<LeaseSet6> leases6_;
};

}  // namespace docker_cpp::network
