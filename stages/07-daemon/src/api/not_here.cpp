// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>

#include "handlers.hpp"

/// What this engine has none of, answered as Docker answers without it, so
/// that `docker inspect NAME`, `docker plugin ls` and scripts go on.
namespace docker_cpp::daemon::api {
namespace {

using nlohmann::json;

void no_swarm(const CallPtr&) {
  throw ApiError(
      ErrorCode::unavailable,
      "This node is not a swarm manager. Use \"docker swarm init\" or "
      "\"docker swarm join\" to connect this node to swarm and try again.");
}

void no_plugins(const CallPtr& call) {
  call->reply(200, json::array());
}

void no_such_plugin(const CallPtr& call) {
  throw ApiError(ErrorCode::not_found,
                 "plugin \"" + call->variable("name") + "\" not found");
}

}  // namespace

void add_not_here(Router& router) {
  for (const std::string group :
       {"services", "nodes", "tasks", "secrets", "configs", "swarm"}) {
    router.add("GET", "/" + group, no_swarm);
    router.add("GET", "/" + group + "/{id*}", no_swarm);
    router.add("POST", "/" + group + "/{id*}", no_swarm);
    router.add("DELETE", "/" + group + "/{id*}", no_swarm);
  }
  router.add("GET", "/plugins", no_plugins);
  router.add("GET", "/plugins/{name*}/json", no_such_plugin);
}

}  // namespace docker_cpp::daemon::api
