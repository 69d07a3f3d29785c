// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>

#include "context.hpp"
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

/// Docker: only an experimental daemon with criu has these.
void no_checkpoints(const CallPtr& call) {
  static_cast<void>(call->context->runtime.get(call->variable("name")));
  throw ApiError(ErrorCode::invalid_argument,
                 "checkpoint is not supported by this daemon: use "
                 "docker-cpp-runtime checkpoint");
}

void swarm_inactive(const CallPtr&) {
  throw ApiError(ErrorCode::unavailable, "This node is not part of a swarm");
}

void no_swarm_here(const CallPtr&) {
  throw ApiError(ErrorCode::invalid_argument,
                 "docker-cpp is one engine and forms no swarm: run it below "
                 "Kubernetes or Nomad");
}

/// What BuildKit's client asks for first; it then says that it needs more.
void no_session(const CallPtr& call) {
  auto head = call->head(501);
  head.content_type = "application/json";
  call->exchange->reply(
      std::move(head),
      error_body("this daemon builds without BuildKit: DOCKER_BUILDKIT=0"));
}

void no_plugin_install(const CallPtr&) {
  throw ApiError(ErrorCode::invalid_argument,
                 "managed plugins are not supported: start the plugin and put "
                 "its socket into /run/docker/plugins");
}

void no_such_plugin(const CallPtr& call) {
  throw ApiError(ErrorCode::not_found,
                 "plugin \"" + call->variable("name") + "\" not found");
}

}  // namespace

void add_not_here(Router& router) {
  router.add("POST", "/swarm/init", no_swarm_here);
  router.add("POST", "/swarm/join", no_swarm_here);
  router.add("POST", "/swarm/leave", swarm_inactive);
  for (const std::string group :
       {"services", "nodes", "tasks", "secrets", "configs", "swarm"}) {
    router.add("GET", "/" + group, no_swarm);
    router.add("GET", "/" + group + "/{id*}", no_swarm);
    router.add("POST", "/" + group + "/{id*}", no_swarm);
    router.add("DELETE", "/" + group + "/{id*}", no_swarm);
  }
  router.add("POST", "/session", no_session);
  router.add("POST", "/grpc", no_session);
  router.add("GET", "/containers/{name}/checkpoints", no_checkpoints);
  router.add("POST", "/containers/{name}/checkpoints", no_checkpoints);
  router.add("DELETE", "/containers/{name}/checkpoints/{id}", no_checkpoints);
  router.add("GET", "/plugins", no_plugins);
  router.add("GET", "/plugins/privileges", no_plugins);
  router.add("POST", "/plugins/pull", no_plugin_install);
  router.add("POST", "/plugins/create", no_plugin_install);
  router.add("POST", "/plugins/{name*}/enable", no_such_plugin);
  router.add("POST", "/plugins/{name*}/disable", no_such_plugin);
  router.add("POST", "/plugins/{name*}/upgrade", no_such_plugin);
  router.add("POST", "/plugins/{name*}/push", no_such_plugin);
  router.add("POST", "/plugins/{name*}/set", no_such_plugin);
  router.add("DELETE", "/plugins/{name*}", no_such_plugin);
  router.add("GET", "/plugins/{name*}/json", no_such_plugin);
}

}  // namespace docker_cpp::daemon::api
