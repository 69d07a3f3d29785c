// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <nlohmann/json.hpp>

#include "../json_fields.hpp"
#include "context.hpp"
#include "filters.hpp"
#include "handlers.hpp"
#include "volume_view.hpp"

#include "docker_cpp/daemon/model_json.hpp"

namespace docker_cpp::daemon::api {
namespace {

using nlohmann::json;

void blocking(const CallPtr& call, std::function<void()> work) {
  call->context->executor.blocking(
      [call, work = std::move(work)] { call->guard(work); });
}

ApiError no_such_volume(const std::string& name) {
  return {ErrorCode::not_found, "get " + name + ": no such volume"};
}

void publish(const Context& context, const std::string& action,
             const std::string& name) {
  context.runtime.publish({.type = "volume",
                           .action = action,
                           .actor_id = name,
                           .attributes = {{"driver", "local"}}});
}

void list(const CallPtr& call) {
  const Filters filters(call->query().get("filters"),
                        {"dangling", "driver", "label", "name"});
  blocking(call, [call, filters] {
    const auto& context = *call->context;
    json out = json::array();
    for (const auto& volume : volumes_of(context).list()) {
      const bool wanted = filters.accepts_part("name", volume.name) &&
                          filters.accepts("driver", "local") &&
                          filters.accepts_labels("label", volume.labels) &&
                          (!filters.has("dangling") ||
                           filters.flag("dangling", false) ==
                               users_of_volume(context, volume.name).empty());
      if (wanted) {
        out.push_back(volume_view(volume));
      }
    }
    call->reply(200, {{"Volumes", std::move(out)}, {"Warnings", nullptr}});
  });
}

void inspect(const CallPtr& call) {
  blocking(call, [call] {
    const auto& name = call->variable("name");
    const auto volume = volumes_of(*call->context).find(name);
    if (!volume) {
      throw no_such_volume(name);
    }
    call->reply(200, volume_view(*volume));
  });
}

void create(const CallPtr& call) {
  VolumeRequest request;
  if (const auto body = call->json_body(); !body.empty()) {
    const json document = parse_json(body);
    const Fields fields(document, "VolumeCreateBody");
    fields.read("Name", request.name);
    fields.read("Driver", request.driver);
    fields.read("DriverOpts", request.options);
    fields.read("Labels", request.labels);
  }
  blocking(call, [call, request] {
    const auto made = volumes_of(*call->context).create(request);
    if (made.fresh) {
      publish(*call->context, "create", made.volume.name);
    }
    call->reply(201, volume_view(made.volume));
  });
}

void remove(const CallPtr& call) {
  blocking(call, [call] {
    const auto& context = *call->context;
    const auto& name = call->variable("name");
    auto volumes = volumes_of(context);
    if (!volumes.find(name)) {
      if (call->query().flag("force")) {
        return call->reply_empty(204);
      }
      throw no_such_volume(name);
    }
    volumes.remove(name, [&] { return users_of_volume(context, name); });
    publish(context, "destroy", name);
    call->reply_empty(204);
  });
}

/// Not Docker's: POST /volumes/{name}/rename?name=NEW.
void rename(const CallPtr& call) {
  blocking(call, [call] {
    const auto& context = *call->context;
    const auto& name = call->variable("name");
    volumes_of(context).rename(name, call->query().get("name"),
                               [&] { return users_of_volume(context, name); });
    publish(context, "rename", name);
    call->reply_empty(204);
  });
}

/// Since API 1.42 only what nobody named, unless `all` is asked for.
bool is_prunable(const CallPtr& call, const Filters& filters,
                 const Volume& volume) {
  const bool all = call->api_minor < 42 || filters.flag("all", false);
  return (all || volume.anonymous) &&
         filters.accepts_labels("label", volume.labels) &&
         (!filters.has("label!") ||
          !filters.accepts_labels("label!", volume.labels)) &&
         users_of_volume(*call->context, volume.name).empty();
}

void prune(const CallPtr& call) {
  const Filters filters(call->query().get("filters"),
                        {"all", "label", "label!"});
  blocking(call, [call, filters] {
    const auto& context = *call->context;
    auto volumes = volumes_of(context);
    json deleted = json::array();
    std::int64_t reclaimed = 0;
    for (const auto& volume : volumes.list()) {
      if (!is_prunable(call, filters, volume)) {
        continue;
      }
      const std::int64_t size = volumes.size(volume);
      try {
        volumes.remove(volume.name,
                       [&] { return users_of_volume(context, volume.name); });
      } catch (const ApiError&) {
        continue;  // taken into use meanwhile
      }
      reclaimed += size;
      deleted.push_back(volume.name);
      publish(context, "destroy", volume.name);
    }
    context.runtime.publish(
        {.type = "volume",
         .action = "prune",
         .actor_id = "",
         .attributes = {{"reclaimed", std::to_string(reclaimed)}}});
    call->reply(200, {{"VolumesDeleted", std::move(deleted)},
                      {"SpaceReclaimed", reclaimed}});
  });
}

}  // namespace

void add_volumes(Router& router) {
  router.add("GET", "/volumes", list);
  router.add("POST", "/volumes/create", create);
  router.add("POST", "/volumes/prune", prune);
  router.add("POST", "/volumes/{name}/rename", rename);
  router.add("GET", "/volumes/{name}", inspect);
  router.add("DELETE", "/volumes/{name}", remove);
}

}  // namespace docker_cpp::daemon::api
