// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/network/network_addresses.hpp"

#include "docker_cpp/sys/error.hpp"

namespace docker_cpp::network {
namespace {

[[noreturn]] void refuse_stranger(const std::string& address) {
  throw std::invalid_argument("invalid address " + address +
                              ": It does not belong to any of this "
                              "network's subnets");
}

[[noreturn]] void refuse_taken(const std::string& address) {
  throw Error({.code = EADDRINUSE, .call = "lease"},
              "give the address " + address);
}

/// Without IPv4, the last four bytes of the other address do as well.
MacAddress usual_mac(const AddressLease& lease) {
  if (lease.v4) {
    return mac_of(*lease.v4);
  }
  const Ipv6 address = lease.v6.value_or(Ipv6{});
  return mac_of(Ipv4::from_bytes(address.value.data() + 12));
}

}  // namespace

Subnet gateway_of(const std::string& subnet, const std::string& gateway) {
  Subnet out = typed(parse_subnet(subnet));
  if (out.prefix_len > 30) {
    throw std::invalid_argument("the subnet " + to_string(out) +
                                " has no room for containers");
  }
  if (!gateway.empty()) {
    out.address = typed(parse_ipv4(gateway));
  } else if (out.address == out.first()) {
    ++out.address.value;
  }
  return out;
}

std::optional<Subnet6> gateway6_of(const std::string& subnet,
                                   const std::string& gateway) {
  if (subnet.empty()) {
    return std::nullopt;
  }
  Subnet6 out = typed(parse_subnet6(subnet));
  if (out.prefix_len > 126) {
    throw std::invalid_argument("the subnet " + to_string(out) +
                                " has no room for containers");
  }
  if (!gateway.empty()) {
    out.address = typed(parse_ipv6(gateway));
  } else if (out.address == out.first()) {
    out.address = out.address.next();
  }
  return out;
}

NetworkAddresses::NetworkAddresses(Options options)
    : options_(std::move(options)) {
  if (options_.gateway) {
    leases_.emplace(*options_.gateway);
    if (!options_.ip_range.empty()) {
      leases_->prefer(typed(parse_subnet(options_.ip_range)));
    }
  }
  if (options_.gateway6) {
    leases6_.emplace(*options_.gateway6);
    if (!options_.ip_range6.empty()) {
      leases6_->prefer(typed(parse_subnet6(options_.ip_range6)));
    }
  }
  for (const std::string& address : options_.reserved) {
    if (const auto v4 = parse_ipv4(address); v4 && leases_) {
      leases_->reserve(*v4);
    } else if (const auto v6 = parse_ipv6(address); v6 && leases6_) {
      leases6_->reserve(*v6);
    }
  }
}

Ipv4 NetworkAddresses::lease4(const std::string& wanted) {
  if (wanted.empty()) {
    const auto free = leases_->take();
    if (!free) {
      throw std::runtime_error(
          "no available IPv4 addresses on this network's address pools: " +
          options_.network + " (" + subnet_text() + ")");
    }
    return *free;
  }
  const Ipv4 address = typed(parse_ipv4(wanted));
  if (!options_.gateway->contains(address)) {
    refuse_stranger(wanted);
  }
  if (!leases_->take(address)) {
    refuse_taken(wanted);
  }
  return address;
}

Ipv6 NetworkAddresses::lease6(const std::string& wanted) {
  if (wanted.empty()) {
    const auto free = leases6_->take();
    if (!free) {
      throw std::runtime_error(
          "no available IPv6 addresses on this network's address pools: " +
          options_.network);
    }
    return *free;
  }
  const Ipv6 address = typed(parse_ipv6(wanted));
  if (!options_.gateway6->contains(address)) {
    refuse_stranger(wanted);
  }
  if (!leases6_->take(address)) {
    refuse_taken(wanted);
  }
  return address;
}

AddressLease NetworkAddresses::lease(const EndpointRequest& request) {
  if (!leases_ && !request.ip.empty()) {
    throw std::invalid_argument("invalid address " + request.ip +
                                ": this network has no IPv4");
  }
  if (!leases6_ && !request.ip6.empty()) {
    throw std::invalid_argument("invalid address " + request.ip6 +
                                ": this network has no IPv6");
  }
  AddressLease out;
  try {
    if (leases_) {
      out.v4 = lease4(request.ip);
    }
    if (leases6_) {
      out.v6 = lease6(request.ip6);
    }
  } catch (...) {
    release(out);
    throw;
  }
  return out;
}

void NetworkAddresses::release(const AddressLease& lease) {
  if (lease.v4 && leases_) {
    leases_->release(*lease.v4);
  }
  if (lease.v6 && leases6_) {
    leases6_->release(*lease.v6);
  }
}

AddressLease NetworkAddresses::keep(const EndpointInfo& info) {
  AddressLease out;
  if (leases_ && !info.ip.empty()) {
    out.v4 = typed(parse_ipv4(info.ip));
    static_cast<void>(leases_->take(*out.v4));  // it has it already
  }
  if (leases6_ && !info.ip6.empty()) {
    out.v6 = typed(parse_ipv6(info.ip6));
    static_cast<void>(leases6_->take(*out.v6));
  }
  return out;
}

EndpointInfo NetworkAddresses::describe(const AddressLease& lease,
                                        const std::string& mac) const {
  EndpointInfo info;
  info.mac = to_string(mac.empty() ? usual_mac(lease) : typed(parse_mac(mac)));
  if (lease.v4) {
    info.ip = to_string(*lease.v4);
    info.gateway = gateway_text();
    info.prefix_len = options_.gateway->prefix_len;
  }
  if (lease.v6) {
    info.ip6 = to_string(*lease.v6);
    info.gateway6 = to_string(options_.gateway6->address);
    info.prefix_len6 = options_.gateway6->prefix_len;
  }
  return info;
}

std::string NetworkAddresses::subnet_text() const {
  return options_.gateway
             ? to_string(Subnet{.address = options_.gateway->first(),
                                .prefix_len = options_.gateway->prefix_len})
             : "";
}

std::string NetworkAddresses::gateway_text() const {
  return options_.gateway ? to_string(options_.gateway->address) : "";
}

}  // namespace docker_cpp::network
