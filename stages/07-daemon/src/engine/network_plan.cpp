// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "engine_impl.hpp"
#include "oci_config.hpp"

#include "docker_cpp/daemon/api_error.hpp"
#include "docker_cpp/daemon/networks.hpp"

namespace docker_cpp::daemon {
namespace {

/// The network's name for what people write: its id, or the start of it.
void name_network(Endpoint& endpoint, const NetworkManager* networks) {
  if (endpoint.network == "default") {
    endpoint.network = "bridge";
  }
  if (networks == nullptr) {
    return;
  }
  try {
    const NetworkPtr network = networks->find(endpoint.network);
    endpoint.network = network->name;
    endpoint.network_id = network->id;
  } catch (const ApiError&) {
    // It may be made before the container starts: then it is looked up again.
  }
}

}  // namespace

/// Which networks a container is to be on: first that of --network, which
/// becomes eth0, then the others by name.
void Engine::Impl::plan_networks(Container& container,
                                 const std::string& mac) const {
  const std::string& mode = container.host_config.network_mode;
  if (mode.starts_with("container:")) {
    if (!container.host_config.port_bindings.empty() ||
        container.host_config.publish_all_ports) {
      throw ApiError(ErrorCode::invalid_argument,
                     "conflicting options: port publishing and the container "
                     "type network mode");
    }
    container.endpoints.clear();
    return;
  }
  Endpoint first{.network = mode};
  name_network(first, context.networks);
  for (Endpoint& endpoint : container.endpoints) {
    name_network(endpoint, context.networks);
  }
  if (!wants_bridge(container.host_config)) {
    container.endpoints = {first};
    return;
  }
  std::ranges::stable_sort(container.endpoints, {}, &Endpoint::network);
  const auto found =
      std::ranges::find(container.endpoints, first.network, &Endpoint::network);
  if (found == container.endpoints.end()) {
    container.endpoints.insert(container.endpoints.begin(), first);
  } else {
    std::rotate(container.endpoints.begin(), found, found + 1);
  }
  if (container.endpoints.front().wanted_mac.empty()) {
    container.endpoints.front().wanted_mac = mac;
  }
}

}  // namespace docker_cpp::daemon
