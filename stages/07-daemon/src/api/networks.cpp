// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <nlohmann/json.hpp>

#include "../json_fields.hpp"
#include "container_list.hpp"
#include "context.hpp"
#include "filters.hpp"
#include "handlers.hpp"

#include "docker_cpp/daemon/model_json.hpp"
#include "docker_cpp/daemon/network_json.hpp"

namespace docker_cpp::daemon::api {
namespace {

using nlohmann::json;

NetworkManager& manager(const CallPtr& call) {
  NetworkManager* networks = call->context->runtime.networks();
  if (networks == nullptr) {
    throw ApiError(ErrorCode::unavailable, "this daemon has no networks");
  }
  return *networks;
}

std::string with_prefix(const std::string& address, int prefix_len) {
  return address.empty() ? "" : address + "/" + std::to_string(prefix_len);
}

json containers_view(const Context& context, const Network& network) {
  json out = json::object();
  for (const auto& container : context.runtime.list()) {
    const bool up =
        container->state == State::running || container->state == State::paused;
    for (const auto& endpoint : container->endpoints) {
      if (!up || endpoint.network != network.name) {
        continue;
      }
      out[container->id] = {
          {"Name", container->name},
          {"EndpointID", endpoint.endpoint_id},
          {"MacAddress", endpoint.mac_address},
          {"IPv4Address",
           with_prefix(endpoint.ip_address, endpoint.ip_prefix_len)},
          {"IPv6Address",
           with_prefix(endpoint.ipv6_address, endpoint.ipv6_prefix_len)}};
    }
  }
  return out;
}

bool has_containers(const Context& context, const Network& network) {
  return std::ranges::any_of(
      context.runtime.list(), [&](const ContainerPtr& container) {
        return std::ranges::any_of(container->endpoints,
                                   [&](const Endpoint& endpoint) {
                                     return endpoint.network == network.name;
                                   });
      });
}

bool accepted(const Context& context, const Filters& filters,
              const Network& network) {
  const bool plain =
      filters.accepts_part("name", network.name) &&
      filters.accepts_prefix("id", network.id) &&
      filters.accepts("driver", network.driver) &&
      filters.accepts("scope",
                      network.scope.empty() ? "local" : network.scope) &&
      filters.accepts("type", network.predefined ? "builtin" : "custom") &&
      filters.accepts_labels("label", network.labels);
  if (!plain || !filters.has("dangling")) {
    return plain;
  }
  const bool dangling =
      !network.predefined && !has_containers(context, network);
  return dangling == filters.flag("dangling", true);
}

void list(const CallPtr& call) {
  const auto& context = *call->context;
  const Filters filters(
      call->query().get("filters"),
      {"dangling", "driver", "id", "label", "name", "scope", "type"});
  for (const std::string& type : filters.values("type")) {
    if (type != "builtin" && type != "custom") {
      throw ApiError(ErrorCode::invalid_argument,
                     "invalid filter: 'type'='" + type + "'");
    }
  }
  json out = json::array();
  for (const NetworkPtr& network : manager(call).list()) {
    if (accepted(context, filters, *network)) {
      out.push_back(network_to_json(*network));
    }
  }
  call->reply(200, out);
}

void inspect(const CallPtr& call) {
  const NetworkPtr network = manager(call).find(call->variable("id"));
  const std::string scope = call->query().get("scope");
  if (!scope.empty() &&
      scope != (network->scope.empty() ? "local" : network->scope)) {
    throw ApiError(ErrorCode::not_found,
                   "network " + call->variable("id") + " not found");
  }
  json out = network_to_json(*network);
  out["Containers"] = containers_view(*call->context, *network);
  call->reply(200, out);
}

/// Making and removing a bridge takes the kernel milliseconds: not on the
/// loop that serves everybody.
void later(const CallPtr& call, std::function<void()> work) {
  call->context->executor.blocking(
      [call, work = std::move(work)] { call->guard(work); });
}

void create(const CallPtr& call) {
  Network wanted = network_from_json(parse_json(call->json_body()));
  if (!wanted.labels.empty() && wanted.labels.contains("")) {
    throw ApiError(ErrorCode::invalid_argument, "invalid label: empty key");
  }
  later(call, [call, wanted = std::move(wanted)] {
    const NetworkPtr made = manager(call).create(wanted);
    call->reply(201, {{"Id", made->id}, {"Warning", ""}});
  });
}

void remove(const CallPtr& call) {
  later(call, [call] {
    manager(call).remove(call->variable("id"));
    call->reply_empty(204);
  });
}

void prune(const CallPtr& call) {
  const Filters filters(call->query().get("filters"),
                        {"label", "label!", "until"});
  std::optional<Time> until;
  for (const std::string& text : filters.values("until")) {
    until = parse_moment(text);
    if (!until) {
      throw ApiError(
          ErrorCode::invalid_argument,
          "failed to parse value as time or duration: \"" + text + "\"");
    }
  }
  later(call, [call, filters, until] {
    json deleted = nullptr;
    for (const NetworkPtr& network : manager(call).list()) {
      const bool excluded = filters.has("label!") &&
                            filters.accepts_labels("label!", network->labels);
      if (network->predefined || excluded ||
          !filters.accepts_labels("label", network->labels) ||
          (until && network->created >= *until)) {
        continue;
      }
      try {
        manager(call).remove(network->id);
        deleted.push_back(network->name);
      } catch (const ApiError&) {
        // In use, or somebody else was faster: as Docker, no failure.
      }
    }
    call->reply(200, {{"NetworksDeleted", deleted}});
  });
}

std::string container_field(const Fields& fields) {
  std::string ref;
  fields.read("Container", ref);
  if (ref.empty()) {
    throw ApiError(ErrorCode::invalid_argument,
                   "invalid container name or ID: value is empty");
  }
  return ref;
}

void connect(const CallPtr& call) {
  const json body = parse_json(call->json_body());
  const Fields fields(body, "ConnectOptions");
  static_cast<void>(call->context->runtime.get(container_field(fields)));
  const NetworkPtr network = manager(call).find(call->variable("id"));
  Endpoint wanted;
  if (const auto* config = fields.find("EndpointConfig")) {
    wanted = endpoint_request_from_json(network->name, *config);
  }
  call->context->runtime.connect_network(container_field(fields), network->id,
                                         std::move(wanted),
                                         done_with(call, 200));
}

void disconnect(const CallPtr& call) {
  const json body = parse_json(call->json_body());
  const Fields fields(body, "DisconnectOptions");
  const NetworkPtr network = manager(call).find(call->variable("id"));
  const std::string container = container_field(fields);
  bool force = false;
  fields.read("Force", force);
  try {
    call->context->runtime.disconnect_network(container, network->id,
                                              done_with(call, 200));
  } catch (const ApiError& error) {
    // One that nobody knows any more may still be on the network.
    if (!force || error.code() != ErrorCode::not_found ||
        !manager(call).force_out(network->id, container)) {
      throw;
    }
    call->reply_empty(200);
  }
}

}  // namespace

void add_networks(Router& router) {
  router.add("GET", "/networks", list);
  router.add("POST", "/networks/create", create);
  router.add("POST", "/networks/prune", prune);
  router.add("GET", "/networks/{id}", inspect);
  router.add("DELETE", "/networks/{id}", remove);
  router.add("POST", "/networks/{id}/connect", connect);
  router.add("POST", "/networks/{id}/disconnect", disconnect);
}

}  // namespace docker_cpp::daemon::api
