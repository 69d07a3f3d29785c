// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include <nlohmann/json.hpp>

#include "context.hpp"
#include "filters.hpp"
#include "handlers.hpp"

#include "docker_cpp/daemon/model_json.hpp"
#include "docker_cpp/images/digest.hpp"

namespace docker_cpp::daemon::api {
namespace {

using nlohmann::json;

/// The networks that every engine has.
struct Network {
  std::string_view name;
  std::string_view driver;
};

constexpr std::array predefined = {Network{"bridge", "bridge"},
                                   Network{"host", "host"},
                                   Network{"none", "null"}};

/// The same at each start: made of the daemon's id and the network's name.
std::string network_id(const EngineInfo& info, std::string_view name) {
  if (name == "bridge" && !info.bridge_network_id.empty()) {
    return info.bridge_network_id;
  }
  return images::Digest::of(info.id + "/network/" + std::string(name)).hex();
}

json containers_view(const Context& context, std::string_view network) {
  json out = json::object();
  for (const auto& container : context.runtime.list()) {
    for (const auto& endpoint : container->endpoints) {
      const bool up = container->state == State::running ||
                      container->state == State::paused;
      if (endpoint.network != network || !up) {
        continue;
      }
      const auto address = endpoint.ip_address.empty()
                               ? std::string{}
                               : endpoint.ip_address + "/" +
                                     std::to_string(endpoint.ip_prefix_len);
      out[container->id] = {{"Name", container->name},
                            {"EndpointID", endpoint.endpoint_id},
                            {"MacAddress", endpoint.mac_address},
                            {"IPv4Address", address},
                            {"IPv6Address", ""}};
    }
  }
  return out;
}

json addresses_view(const EngineInfo& info, const Network& network) {
  json config = json::array();
  if (network.name == "bridge" && !info.bridge_subnet.empty()) {
    config.push_back(
        {{"Subnet", info.bridge_subnet}, {"Gateway", info.bridge_gateway}});
  }
  return {{"Driver", "default"}, {"Options", nullptr}, {"Config", config}};
}

json options_view(const EngineInfo& info, const Network& network) {
  if (network.name != "bridge") {
    return json::object();
  }
  return {{"com.docker.network.bridge.default_bridge", "true"},
          {"com.docker.network.bridge.enable_icc", "true"},
          {"com.docker.network.bridge.enable_ip_masquerade", "true"},
          {"com.docker.network.bridge.host_binding_ipv4", "0.0.0.0"},
          {"com.docker.network.bridge.name", info.bridge_name},
          {"com.docker.network.driver.mtu", std::to_string(info.bridge_mtu)}};
}

json network_view(const Context& context, const Network& network) {
  const auto& info = context.info;
  return {{"Name", network.name},
          {"Id", network_id(info, network.name)},
          {"Created", format_time(info.started_at)},
          {"Scope", "local"},
          {"Driver", network.driver},
          {"EnableIPv4", true},
          {"EnableIPv6", false},
          {"IPAM", addresses_view(info, network)},
          {"Internal", false},
          {"Attachable", false},
          {"Ingress", false},
          {"ConfigFrom", {{"Network", ""}}},
          {"ConfigOnly", false},
          {"Containers", json::object()},
          {"Options", options_view(info, network)},
          {"Labels", json::object()}};
}

const Network& find(const Context& context, const std::string& ref) {
  for (const auto& network : predefined) {
    const auto id = network_id(context.info, network.name);
    if (network.name == ref || (ref.size() >= 4 && id.starts_with(ref))) {
      return network;
    }
  }
  throw ApiError(ErrorCode::not_found, "network " + ref + " not found");
}

void list(const CallPtr& call) {
  const auto& context = *call->context;
  const Filters filters(
      call->query().get("filters"),
      {"dangling", "driver", "id", "label", "name", "scope", "type"});
  json out = json::array();
  for (const auto& network : predefined) {
    const bool wanted =
        filters.accepts_part("name", network.name) &&
        filters.accepts("driver", network.driver) &&
        filters.accepts("scope", "local") &&
        filters.accepts("type", "builtin") && !filters.has("label") &&
        filters.accepts_prefix("id", network_id(context.info, network.name));
    if (wanted) {
      out.push_back(network_view(context, network));
    }
  }
  call->reply(200, out);
}

void inspect(const CallPtr& call) {
  const auto& context = *call->context;
  const auto& network = find(context, call->variable("id"));
  auto out = network_view(context, network);
  out["Containers"] = containers_view(context, network.name);
  call->reply(200, out);
}

void remove(const CallPtr& call) {
  const auto& network = find(*call->context, call->variable("id"));
  throw ApiError(ErrorCode::forbidden,
                 std::string(network.name) +
                     " is a pre-defined network and cannot be removed");
}

void prune(const CallPtr& call) {
  call->reply(200, {{"NetworksDeleted", nullptr}});
}

}  // namespace

void add_networks(Router& router) {
  router.add("GET", "/networks", list);
  router.add("POST", "/networks/prune", prune);
  router.add("GET", "/networks/{id}", inspect);
  router.add("DELETE", "/networks/{id}", remove);
}

}  // namespace docker_cpp::daemon::api
