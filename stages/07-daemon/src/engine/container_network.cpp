// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>

#include <algorithm>
#include <utility>

#include "answer.hpp"
#include "container_actor.hpp"
#include "identifiers.hpp"
#include "oci_config.hpp"
#include "ports.hpp"

#include "docker_cpp/daemon/network_json.hpp"
#include "docker_cpp/daemon/networks.hpp"
#include "docker_cpp/network/in_namespace.hpp"
#include "docker_cpp/network/links.hpp"
#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/syscalls.hpp"

/// A container and its networks: at its start, while it runs, at its end.
namespace docker_cpp::daemon {
namespace {

void add_ports(PortMap& to, const std::vector<network::PublishedPort>& ports) {
  for (const auto& port : ports) {
    to[std::to_string(port.container_port) + "/" + port.protocol].push_back(
        {port.host_ip.empty() ? "0.0.0.0" : port.host_ip,
         std::to_string(port.host_port)});
  }
}

bool is_connected(const Endpoint& endpoint) {
  return !endpoint.endpoint_id.empty();
}

void require_connectable(const Container& container, const Network& network) {
  const std::string& mode = container.host_config.network_mode;
  if (network.driver == "host" || mode == "host") {
    throw ApiError(ErrorCode::invalid_argument,
                   "container cannot be disconnected from host network or "
                   "connected to host network");
  }
  if (mode.starts_with("container:")) {
    throw ApiError(ErrorCode::invalid_argument,
                   "container sharing network namespace with another "
                   "container or host cannot be connected to any other "
                   "network");
  }
  if (network.driver == "null" || mode == "none") {
    throw ApiError(ErrorCode::invalid_argument,
                   "container cannot be connected to multiple networks with "
                   "one of the networks in private (none) mode");
  }
  if (std::ranges::any_of(container.endpoints, [&](const Endpoint& endpoint) {
        return endpoint.network == network.name;
      })) {
    throw ApiError(ErrorCode::forbidden,
                   "endpoint with name " + container.name +
                       " already exists in network " + network.name);
  }
}

/// The network by which the container reaches the world, and by which its
/// ports are reached: that of the highest priority, and the first by name
/// among those. An internal one never is.
Endpoint* way_out(Container& container, const NetworkManager& networks) {
  Endpoint* best = nullptr;
  for (Endpoint& endpoint : container.endpoints) {
    if (networks.find(endpoint.network)->internal) {
      continue;
    }
    const bool better = best == nullptr ||
                        endpoint.gateway_priority > best->gateway_priority ||
                        (endpoint.gateway_priority == best->gateway_priority &&
                         endpoint.network < best->network);
    best = better ? &endpoint : best;
  }
  return best;
}

void require_changeable(const Container& container, bool removed,
                        const NetworkManager* networks) {
  if (removed || container.state == State::removing ||
      container.state == State::dead) {
    throw ApiError(ErrorCode::conflict,
                   "container " + container.id +
                       " is marked for removal and cannot be connected or "
                       "disconnected to the network");
  }
  if (networks == nullptr) {
    throw ApiError(ErrorCode::unavailable, "this daemon has no networks");
  }
}

}  // namespace

void ContainerActor::connect_networks(pid_t pid) {
  const std::string path = "/proc/" + std::to_string(pid) + "/ns/net";
  auto opened = sys::open(path.c_str(), O_RDONLY);
  if (!opened) {
    expect("started");  // a child that is gone: the monitor says why
  }
  const auto netns = must(std::move(opened), "open the network namespace");
  now_.ports.clear();
  try {
    const Endpoint* out = way_out(now_, *context_.networks);
    for (Endpoint& endpoint : now_.endpoints) {
      const bool is_out = &endpoint == out;
      endpoint.way_out = is_out;
      add_ports(now_.ports,
                context_.networks->connect(
                    netns.get(),
                    {.container = now_,
                     .ports = is_out ? wanted_ports(now_)
                                     : std::vector<network::PublishedPort>{},
                     .default_route = is_out,
                     .name_servers = names().name_servers()},
                    endpoint));
    }
  } catch (const ApiError& error) {
    throw ApiError(error.code(), std::string("failed to set up container "
                                             "networking: ") +
                                     error.what());
  }
  names().write_hosts();
}

void ContainerActor::release_network() {
  if (context_.networks == nullptr) {
    return;
  }
  context_.networks->silence(now_);
  for (Endpoint& endpoint : now_.endpoints) {
    if (is_connected(endpoint)) {
      try {
        context_.networks->disconnect(now_, endpoint);
      } catch (const std::exception& error) {
        context_.warn(error.what());
      }
      forget_run(endpoint);
    }
  }
  now_.ports.clear();
}

void ContainerActor::adopt_endpoints() {
  if (context_.networks == nullptr) {
    return;
  }
  std::vector<network::PublishedPort> ports;
  for (const auto& [port, bindings] : now_.ports) {
    for (const PortBinding& binding : bindings) {
      ports.push_back(published_port(port, binding));
    }
  }
  for (Endpoint& endpoint : now_.endpoints) {
    if (!is_connected(endpoint)) {
      continue;
    }
    try {
      context_.networks->adopt(
          network::network_namespace_of(now_.pid).get(),
          {.container = now_,
           .ports =
               endpoint.way_out ? ports : std::vector<network::PublishedPort>{},
           .name_servers = names().name_servers()},
          endpoint);
    } catch (const std::exception& error) {
      context_.warn("container " + now_.id + ": " + error.what());
      forget_run(endpoint);
    }
  }
}

void ContainerActor::connect_network(std::string network, Endpoint wanted,
                                     Done<void> done) {
  tell([this, network = std::move(network), wanted = std::move(wanted),
        done = std::move(done)]() mutable {
    answer(done, [&] {
      require_changeable(now_, removed_, context_.networks);
      const NetworkPtr found = context_.networks->find(network);
      require_connectable(now_, *found);
      wanted.network = found->name;
      wanted.network_id = found->id;
      now_.endpoints.push_back(std::move(wanted));
      try {
        if (is_running()) {
          connect_running();
        }
      } catch (...) {
        now_.endpoints.pop_back();
        throw;
      }
      publish();
      store(Durability::durable);
      store_quietly();
    });
  });
}

/// The newest endpoint, of a container that runs. It becomes the way out only
/// of one that has none: connections that exist keep their route.
void ContainerActor::connect_running() {
  const auto netns = network::network_namespace_of(now_.pid);
  Endpoint& endpoint = now_.endpoints.back();
  const bool out = std::ranges::none_of(now_.endpoints, &Endpoint::way_out) &&
                   !context_.networks->find(endpoint.network)->internal;
  endpoint.way_out = out;
  add_ports(now_.ports,
            context_.networks->connect(
                netns.get(),
                {.container = now_,
                 .ports = out ? wanted_ports(now_)
                              : std::vector<network::PublishedPort>{},
                 .default_route = out,
                 .name_servers = names().name_servers()},
                endpoint));
  names().add_to_hosts(endpoint);
  names().write_resolver_file();
}

void ContainerActor::disconnect_network(std::string network, Done<void> done) {
  tell([this, network = std::move(network), done = std::move(done)]() mutable {
    answer(done, [&] {
      require_changeable(now_, removed_, context_.networks);
      const NetworkPtr found = context_.networks->find(network);
      if (found->driver == "host") {
        throw ApiError(ErrorCode::invalid_argument,
                       "container cannot be disconnected from host network or "
                       "connected to host network");
      }
      const auto at =
          std::ranges::find(now_.endpoints, found->name, &Endpoint::network);
      if (at == now_.endpoints.end()) {
        throw ApiError(ErrorCode::internal,
                       "container " + now_.id +
                           " is not connected to network " + found->name);
      }
      const Endpoint gone = *at;
      if (is_running() && is_connected(gone)) {
        disconnect_running(gone);
      } else {
        now_.endpoints.erase(at);
      }
      publish();
      store(Durability::durable);
      store_quietly();
    });
  });
}

void ContainerActor::disconnect_running(const Endpoint& gone) {
  context_.networks->disconnect(now_, gone);
  context_.networks->settle(gone);
  std::erase_if(now_.endpoints, [&](const Endpoint& endpoint) {
    return endpoint.network == gone.network;
  });
  names().remove_from_hosts(gone);
  if (!gone.way_out) {
    return;
  }
  // The default route went with the link, and the ports with it.
  now_.ports.clear();
  Endpoint* out = way_out(now_, *context_.networks);
  if (out == nullptr) {
    return;
  }
  out->way_out = true;
  const auto gateway = network::parse_ipv4(out->gateway);
  const auto gateway6 = network::parse_ipv6(out->ipv6_gateway);
  network::in_network_namespace(network::network_namespace_of(now_.pid).get(),
                                [&] {
                                  network::Links links = network::Links::open();
                                  if (gateway) {
                                    links.set_default_route(*gateway);
                                  }
                                  if (gateway6) {
                                    links.set_default_route(*gateway6);
                                  }
                                });
  add_ports(now_.ports,
            context_.networks->publish(now_, *out, wanted_ports(now_)));
}

}  // namespace docker_cpp::daemon
