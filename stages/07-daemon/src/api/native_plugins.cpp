// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>

#include "../json_fields.hpp"
#include "context.hpp"
#include "handlers.hpp"

#include "docker_cpp/daemon/model_json.hpp"
#include "docker_cpp/daemon/plugin_registry.hpp"

/// Plugins in shared objects: not Docker's, so below a path of our own.
namespace docker_cpp::daemon::api {
namespace {

using nlohmann::json;

PluginRegistry& registry(const CallPtr& call) {
  if (!call->context->info.plugins) {
    throw ApiError(ErrorCode::unavailable, "this daemon takes no plugins");
  }
  return *call->context->info.plugins;
}

void list(const CallPtr& call) {
  json out = json::array();
  for (const PluginInfo& one : registry(call).list()) {
    out.push_back({{"Name", one.name},
                   {"Version", one.version},
                   {"Path", one.path},
                   {"State", one.state}});
  }
  call->reply(200, out);
}

void load(const CallPtr& call) {
  const json document = parse_json(call->json_body());
  const Fields fields(document, "Plugin");
  std::string path;
  fields.read("Path", path);
  if (!path.starts_with('/')) {
    throw ApiError(ErrorCode::invalid_argument,
                   "'" + path + "' is not an absolute path");
  }
  const json* given = fields.find("Configuration");
  const std::string configuration = given == nullptr ? "{}" : given->dump();
  registry(call);
  call->context->executor.blocking([call, path, configuration] {
    call->guard([&] {
      registry(call).load(path, configuration);
      call->reply_empty(204);
    });
  });
}

void unload(const CallPtr& call) {
  const std::string name = call->variable("name");
  registry(call);
  call->context->executor.blocking([call, name] {
    call->guard([&] {
      if (!registry(call).unload(name)) {
        throw ApiError(ErrorCode::not_found,
                       "plugin \"" + name + "\" not found");
      }
      call->reply_empty(204);
    });
  });
}

}  // namespace

void add_native_plugins(Router& router) {
  router.add("GET", "/docker-cpp/plugins", list);
  router.add("POST", "/docker-cpp/plugins/load", load);
  router.add("DELETE", "/docker-cpp/plugins/{name}", unload);
}

}  // namespace docker_cpp::daemon::api
