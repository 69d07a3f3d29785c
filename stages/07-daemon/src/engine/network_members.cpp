// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <functional>
#include <stdexcept>
#include <utility>

#include "identifiers.hpp"
#include "network_manager_impl.hpp"

#include "docker_cpp/daemon/api_error.hpp"
#include "docker_cpp/daemon/network_json.hpp"
#include "docker_cpp/network/ipv4.hpp"
#include "docker_cpp/network/ipv6.hpp"
#include "docker_cpp/network/port_allocator.hpp"
#include "docker_cpp/network/port_owner.hpp"
#include "docker_cpp/sys/error.hpp"

namespace docker_cpp::daemon {
namespace {

[[noreturn]] void refuse_settings(const std::string& why) {
  throw ApiError(ErrorCode::invalid_argument,
                 "invalid endpoint settings:\n" + why);
}

bool contains(const AddressRange& range, const std::string& text) {
  if (is_v6(range)) {
    const auto subnet = network::parse_subnet6(range.subnet);
    const auto address = network::parse_ipv6(text);
    return subnet && address && subnet->contains(*address);
  }
  const auto subnet = network::parse_subnet(range.subnet);
  const auto address = network::parse_ipv4(text);
  return subnet && address && subnet->contains(*address);
}

void check_address(const Network& network, const std::string& text) {
  if (network.chosen_subnet) {
    refuse_settings(
        "user specified IP address is supported only when connecting to "
        "networks with user configured subnets");
  }
  if (std::ranges::none_of(network.ranges, [&](const AddressRange& range) {
        return contains(range, text);
      })) {
    refuse_settings("no configured subnet contains the IP address " + text);
  }
}

/// What one may ask of this network.
void check_settings(const Network& network, const Endpoint& endpoint) {
  if (network.name == "bridge" && network.predefined) {
    if (!endpoint.wanted_ip.empty() || !endpoint.wanted_ipv6.empty()) {
      refuse_settings(
          "user specified IP address is supported on user defined networks "
          "only");
    }
    if (!endpoint.aliases.empty()) {
      refuse_settings(
          "network-scoped aliases are only supported for user-defined "
          "networks");
    }
    return;
  }
  for (const std::string& wanted : {endpoint.wanted_ip, endpoint.wanted_ipv6}) {
    if (!wanted.empty()) {
      check_address(network, wanted);
    }
  }
}

network::EndpointRequest request_of(const NetworkManager::Member& member,
                                    const Endpoint& endpoint) {
  return {.container_id = member.container.id,
          .ports = member.ports,
          .mac = endpoint.wanted_mac,
          .ip = endpoint.wanted_ip,
          .ip6 = endpoint.wanted_ipv6,
          .default_route = member.default_route,
          .options = endpoint.driver_options};
}

using WhoHas = std::function<std::string(const network::PortAllocated&)>;

network::EndpointInfo connect_by(network::NetworkDriver& driver, int netns,
                                 const network::EndpointRequest& request,
                                 const NetworkManager::Member& member,
                                 const Endpoint& endpoint,
                                 const WhoHas& who_has) {
  try {
    return driver.connect(netns, request);
  } catch (const ApiError&) {
    throw;
  } catch (const network::PortAllocated& error) {
    throw ApiError(ErrorCode::internal,
                   "driver failed programming external connectivity on "
                   "endpoint " +
                       member.container.name + " (" + endpoint.endpoint_id +
                       "): " + error.what() + who_has(error));
  } catch (const Error& error) {
    if (error.code().value() == EADDRINUSE) {
      throw ApiError(ErrorCode::forbidden, "Address already in use");
    }
    throw ApiError(ErrorCode::internal, error.what());
  } catch (const std::invalid_argument& error) {
    throw ApiError(ErrorCode::invalid_argument, error.what());
  } catch (const std::exception& error) {
    throw ApiError(ErrorCode::internal, error.what());
  }
}

}  // namespace

void forget_run(Endpoint& endpoint) {
  endpoint.endpoint_id.clear();
  endpoint.gateway.clear();
  endpoint.ip_address.clear();
  endpoint.ip_prefix_len = 0;
  endpoint.mac_address.clear();
  endpoint.ipv6_gateway.clear();
  endpoint.ipv6_address.clear();
  endpoint.ipv6_prefix_len = 0;
  endpoint.way_out = false;
}

void NetworkManager::Impl::forget_member(Entry& entry,
                                         const std::string& container) {
  const std::lock_guard lock(mutex);
  entry.members.erase(container);
  entry.ports.erase(container);
}

void NetworkManager::Impl::note_ports(
    Entry& entry, const std::string& container,
    const std::vector<network::PublishedPort>& ports) {
  const std::lock_guard lock(mutex);
  if (!ports.empty()) {
    entry.ports[container] = ports;
  }
}

std::string NetworkManager::Impl::owner_of(
    const network::PortAllocated& port) const {
  const std::lock_guard lock(mutex);
  for (const EntryPtr& entry : entries) {
    for (const auto& [container, ports] : entry->ports) {
      if (std::ranges::any_of(ports, [&](const network::PublishedPort& one) {
            return one.host_port == port.host_port() &&
                   network::parse_protocol(one.protocol) == port.protocol() &&
                   network::addresses_clash(one.host_ip, port.host_ip());
          })) {
        const auto name = entry->members.find(container);
        return " (by container " +
               (name == entry->members.end() ? container : name->second) + ")";
      }
    }
  }
  return "";
}

NetworkManager::Impl::DriverPtr NetworkManager::Impl::driver_of(
    const Endpoint& endpoint) const {
  try {
    return find(endpoint.network_id)->driver;
  } catch (const ApiError&) {
    return nullptr;
  }
}

// [network-connect]
std::vector<network::PublishedPort> NetworkManager::connect(
    int netns, const Member& member, Endpoint& endpoint) {
  const Container& container = member.container;
  const auto entry = impl_->find(endpoint.network);
  const Network& network = *entry->model;
  if (network.config_only) {
    throw ApiError(ErrorCode::forbidden,
                   "cannot create endpoint on configuration-only network");
  }
  check_settings(network, endpoint);
  Impl::DriverPtr driver;
  {
    const std::lock_guard lock(impl_->mutex);
    if (std::ranges::find(impl_->entries, entry) == impl_->entries.end()) {
      throw ApiError(ErrorCode::not_found,
                     "network " + endpoint.network + " not found");
    }
    driver = entry->driver;
    entry->members.emplace(container.id, container.name);
  }
  endpoint.network_id = network.id;
  endpoint.endpoint_id = new_id();
  network::EndpointInfo info;
  try {
    if (!driver) {
      throw ApiError(
          ErrorCode::internal,
          "network " + network.name + " cannot be used: " +
              (entry->problem.empty() ? "it has no driver" : entry->problem));
    }
    network::EndpointRequest request = request_of(member, endpoint);
    impl_->take_addresses(*entry, endpoint, request);
    info = connect_by(*driver, netns, request, member, endpoint,
                      [&](const network::PortAllocated& port) {
                        return impl_->owner_of(port);
                      });
    impl_->note_ports(*entry, container.id, info.ports);
  } catch (...) {
    impl_->give_back_addresses(*entry, endpoint);
    impl_->forget_member(*entry, container.id);
    forget_run(endpoint);
    throw;
  }
  endpoint.gateway = info.gateway;
  endpoint.ip_address = info.ip;
  endpoint.ip_prefix_len = info.prefix_len;
  endpoint.mac_address = info.mac;
  endpoint.ipv6_address = info.ip6;
  endpoint.ipv6_gateway = info.gateway6;
  endpoint.ipv6_prefix_len = info.prefix_len6;
  if (impl_->cluster && network.driver == "overlay") {
    impl_->cluster->publish(impl_->as_told(network, container, endpoint));
  }
  impl_->names.add(network, container, endpoint);
  try {
    impl_->names.serve(container.id, netns, member.name_servers);
  } catch (...) {
    disconnect(container, endpoint);
    forget_run(endpoint);
    throw;
  }
  impl_->emit("connect", network, container.id);
  return info.ports;
}
// [network-connect]

void NetworkManager::disconnect(const Container& container,
                                const Endpoint& endpoint) {
  Impl::EntryPtr entry;
  try {
    entry = impl_->find(endpoint.network_id);
  } catch (const ApiError&) {
    return;  // gone, and its endpoints with it
  }
  impl_->names.remove(*entry->model, container.id);
  if (entry->driver) {
    entry->driver->disconnect(container.id);
  }
  impl_->give_back_addresses(*entry, endpoint);
  impl_->forget_member(*entry, container.id);
  impl_->emit("disconnect", *entry->model, container.id);
}

bool NetworkManager::force_out(std::string_view network,
                               std::string_view container) {
  const auto entry = impl_->find(network);
  std::string id;
  {
    const std::lock_guard lock(impl_->mutex);
    for (const auto& [member, name] : entry->members) {
      if (member == container || name == container) {
        id = member;
      }
    }
  }
  if (id.empty()) {
    return false;
  }
  impl_->names.remove(*entry->model, id);
  if (entry->driver) {
    entry->driver->disconnect(id);
  }
  impl_->forget_member(*entry, id);
  impl_->emit("disconnect", *entry->model, id);
  return true;
}

void NetworkManager::settle(const Endpoint& endpoint) {
  if (const auto driver = impl_->driver_of(endpoint)) {
    driver->settle();
  }
}

std::vector<network::PublishedPort> NetworkManager::publish(
    const Container& container, const Endpoint& endpoint,
    const std::vector<network::PublishedPort>& ports) {
  const auto driver = impl_->driver_of(endpoint);
  if (!driver) {
    return {};
  }
  auto published = driver->publish(container.id, ports);
  impl_->note_ports(*impl_->find(endpoint.network_id), container.id, published);
  return published;
}

void NetworkManager::silence(const Container& container) {
  impl_->names.silence(container.id);
}

void NetworkManager::renamed(const Container& container) {
  impl_->names.rename(container);
  const std::lock_guard lock(impl_->mutex);
  for (const Impl::EntryPtr& entry : impl_->entries) {
    const auto found = entry->members.find(container.id);
    if (found != entry->members.end()) {
      found->second = container.name;
    }
  }
}

void NetworkManager::adopt(int netns, const Member& member,
                           const Endpoint& endpoint) {
  const Container& container = member.container;
  const auto entry = impl_->find(endpoint.network_id);
  {
    const std::lock_guard lock(impl_->mutex);
    entry->members.emplace(container.id, container.name);
  }
  if (entry->driver) {
    entry->driver->adopt(container.id, {.ip = endpoint.ip_address,
                                        .gateway = endpoint.gateway,
                                        .mac = endpoint.mac_address,
                                        .prefix_len = endpoint.ip_prefix_len,
                                        .ip6 = endpoint.ipv6_address,
                                        .gateway6 = endpoint.ipv6_gateway,
                                        .prefix_len6 = endpoint.ipv6_prefix_len,
                                        .ports = member.ports,
                                        .options = endpoint.driver_options});
    entry->driver->hold(container.id, netns);
    impl_->note_ports(*entry, container.id, member.ports);
  }
  if (impl_->cluster && entry->model->driver == "overlay") {
    impl_->cluster->remember(
        impl_->as_told(*entry->model, container, endpoint));
  }
  impl_->names.add(*entry->model, container, endpoint);
  impl_->names.serve(container.id, netns, member.name_servers);
}

}  // namespace docker_cpp::daemon
