// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "bridge_state.hpp"

#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/failpoint.hpp"

/// The published ports of a bridge's containers.
namespace docker_cpp::network {
namespace {

bool is_v6(const PublishedPort& port) {
  return port.host_ip.find(':') != std::string::npos;
}

template <typename Mapping>
Mapping mapping_of(const PublishedPort& port,
                   const decltype(Mapping::target)& host_ip,
                   const decltype(Mapping::target)& target) {
  return {.host_ip = host_ip,
          .protocol = typed(parse_protocol(port.protocol)),
          .host_port = port.host_port,
          .target = target,
          .target_port = port.container_port};
}

/// "[::1]" as people write it beside a port, or "::1".
Ipv6 host_address_v6(const PublishedPort& port) {
  std::string_view text = port.host_ip;
  if (text.starts_with('[') && text.ends_with(']')) {
    text = text.substr(1, text.size() - 2);
  }
  return typed(parse_ipv6(text));
}

/// Those of `all` that the kernel does not have yet.
template <typename Mapping>
std::vector<Mapping> missing_of(const std::vector<Mapping>& all,
                                std::vector<Mapping>& inherited) {
  std::vector<Mapping> missing;
  for (const Mapping& mapping : all) {
    if (std::erase(inherited, mapping) == 0) {
      missing.push_back(mapping);
    }
  }
  return missing;
}

}  // namespace

std::uint16_t BridgeNetwork::State::reserve_v4(BridgeEndpoint& endpoint,
                                               PublishedPort port) {
  const Ipv4 host =
      port.host_ip.empty() ? Ipv4{} : typed(parse_ipv4(port.host_ip));
  endpoint.reservations.push_back(
      ports_.reserve(typed(parse_protocol(port.protocol)), host, port.host_port,
                     port.last_host_port));
  port.host_ip = to_string(host);
  port.host_port = endpoint.reservations.back().host_port;
  port.last_host_port = 0;
  endpoint.mappings.push_back(
      mapping_of<PortMapping>(port, host, endpoint.lease.v4.value()));
  endpoint.info.ports.push_back(port);
  return port.host_port;
}

void BridgeNetwork::State::reserve_v6(BridgeEndpoint& endpoint,
                                      PublishedPort port) {
  const Ipv6 host = port.host_ip.empty() ? Ipv6{} : host_address_v6(port);
  endpoint.reservations.push_back(
      ports_.reserve(typed(parse_protocol(port.protocol)), host, port.host_port,
                     port.last_host_port));
  port.host_ip = to_string(host);
  port.host_port = endpoint.reservations.back().host_port;
  port.last_host_port = 0;
  endpoint.mappings6.push_back(
      mapping_of<PortMapping6>(port, host, endpoint.lease.v6.value()));
  endpoint.info.ports.push_back(std::move(port));
}

void BridgeNetwork::State::reserve(BridgeEndpoint& endpoint,
                                   const std::vector<PublishedPort>& ports) {
  for (PublishedPort port : ports) {
    port.protocol = port.protocol.empty() ? "tcp" : port.protocol;
    if (port.host_ip.empty()) {
      port.host_ip = options_.host_ip;
    }
    if (is_v6(port)) {
      if (!gateway6_) {
        throw std::invalid_argument("cannot publish a port on " + port.host_ip +
                                    ": the network has no IPv6");
      }
      reserve_v6(endpoint, port);
      continue;
    }
    if (!gateway_) {
      if (!port.host_ip.empty()) {
        throw std::invalid_argument("cannot publish a port on " + port.host_ip +
                                    ": the network has no IPv4");
      }
      reserve_v6(endpoint, port);
      continue;
    }
    // With no address, all of the host's, in both families: one port.
    const bool both = port.host_ip.empty() && gateway6_;
    const std::uint16_t chosen = reserve_v4(endpoint, port);
    if (both) {
      port.host_port = chosen;
      port.last_host_port = 0;
      reserve_v6(endpoint, std::move(port));
    }
  }
}

void BridgeNetwork::State::add_rules(const BridgeEndpoint& endpoint) {
  DOCKER_CPP_FAILPOINT("network.publish");
  try {
    firewall_.add(endpoint.mappings, endpoint.mappings6);
  } catch (const Error& error) {
    if (error.code().value() != EEXIST) {
      throw;
    }
    const PublishedPort& first = endpoint.info.ports.front();
    throw PortAllocated(typed(parse_protocol(first.protocol)), first.host_ip,
                        first.host_port);
  }
}

std::vector<PublishedPort> BridgeNetwork::State::publish(
    std::string_view id, const std::vector<PublishedPort>& ports) {
  const std::lock_guard lock(mutex_);
  const auto found = endpoints_.find(id);
  if (found == endpoints_.end() || ports.empty()) {
    return {};
  }
  BridgeEndpoint& endpoint = found->second;
  try {
    reserve(endpoint, ports);
    links_.set_up_port(endpoint.link.index,
                       {.hairpin = true, .isolated = options_.isolate_members});
    add_rules(endpoint);
  } catch (...) {
    endpoint.mappings.clear();
    endpoint.mappings6.clear();
    endpoint.reservations.clear();
    endpoint.info.ports.clear();
    throw;
  }
  return endpoint.info.ports;
}

/// Of an endpoint that an earlier object connected.
void BridgeNetwork::State::keep_ports(BridgeEndpoint& endpoint) {
  for (const PublishedPort& port : endpoint.info.ports) {
    const std::uint8_t protocol = typed(parse_protocol(port.protocol));
    const bool v6 = is_v6(port);
    const Ipv6 host6 = v6 ? host_address_v6(port) : Ipv6{};
    const Ipv4 host =
        v6 || port.host_ip.empty() ? Ipv4{} : typed(parse_ipv4(port.host_ip));
    try {
      endpoint.reservations.push_back(
          v6 ? ports_.reserve(protocol, host6, port.host_port)
             : ports_.reserve(protocol, host, port.host_port));
    } catch (const Error&) {
      // Somebody bound it while no daemon was there to keep it. The rule goes
      // before the socket, and the container keeps what it was promised.
    }
    if (v6) {
      endpoint.mappings6.push_back(
          mapping_of<PortMapping6>(port, host6, endpoint.lease.v6.value()));
    } else {
      endpoint.mappings.push_back(
          mapping_of<PortMapping>(port, host, endpoint.lease.v4.value()));
    }
  }
  firewall_.add(missing_of(endpoint.mappings, inherited_),
                missing_of(endpoint.mappings6, inherited6_));
}

std::vector<PortMapping> BridgeNetwork::State::all_mappings() const {
  std::vector<PortMapping> all = inherited_;
  for (const auto& [id, endpoint] : endpoints_) {
    all.insert(all.end(), endpoint.mappings.begin(), endpoint.mappings.end());
  }
  return all;
}

std::vector<PortMapping6> BridgeNetwork::State::all_mappings6() const {
  std::vector<PortMapping6> all = inherited6_;
  for (const auto& [id, endpoint] : endpoints_) {
    all.insert(all.end(), endpoint.mappings6.begin(), endpoint.mappings6.end());
  }
  return all;
}

}  // namespace docker_cpp::network
