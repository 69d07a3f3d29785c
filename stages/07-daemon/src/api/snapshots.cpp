// SPDX-License-Identifier: Apache-2.0
// Snapshots and clones: not Docker's, so below a path of our own.
#include "docker_cpp/daemon/snapshots.hpp"

#include <nlohmann/json.hpp>

#include "context.hpp"
#include "handlers.hpp"

#include "docker_cpp/daemon/model_json.hpp"

namespace docker_cpp::daemon::api {
namespace {

using nlohmann::json;

Snapshots& snapshots(const CallPtr& call) {
  Snapshots* all = call->context->runtime.snapshots();
  if (all == nullptr) {
    throw ApiError(ErrorCode::unavailable, "this engine keeps no snapshots");
  }
  return *all;
}

json view(const Context& context, const Snapshot& snapshot) {
  json out = {{"Id", snapshot.id},
              {"Name", snapshot.name},
              {"Container", snapshot.container},
              {"Created", format_time(snapshot.created)},
              {"Layers", snapshot.layers.size()}};
  try {
    out["ContainerName"] = context.runtime.get(snapshot.container)->name;
  } catch (const ApiError&) {
    out["ContainerName"] = "";  // just removed
  }
  return out;
}

void list(const CallPtr& call) {
  json out = json::array();
  for (const Snapshot& one :
       snapshots(call).list(call->query().get("container"))) {
    out.push_back(view(*call->context, one));
  }
  call->reply(200, out);
}

void create(const CallPtr& call) {
  snapshots(call).create(call->variable("id"), call->query().get("name"),
                         [call](Outcome<Snapshot> made) {
                           if (made) {
                             call->reply(201, view(*call->context, *made));
                           } else {
                             call->fail(made.error());
                           }
                         });
}

void restore(const CallPtr& call) {
  snapshots(call).restore(call->variable("id"), call->variable("name"),
                          done_with(call, 204));
}

void remove(const CallPtr& call) {
  snapshots(call).remove(call->variable("id"), call->variable("name"),
                         done_with(call, 204));
}

void clone(const CallPtr& call) {
  snapshots(call).clone(
      call->variable("id"),
      {.name = call->query().get("name"),
       .snapshot = call->query().get("snapshot")},
      [call](Outcome<Created> made) {
        if (made) {
          call->reply(201, {{"Id", made->id}, {"Warnings", json::array()}});
        } else {
          call->fail(made.error());
        }
      });
}

}  // namespace

void add_snapshots(Router& router) {
  const std::string one = "/docker-cpp/containers/{id}/snapshots";
  router.add("GET", "/docker-cpp/snapshots", list);
  router.add("POST", one, create);
  router.add("POST", one + "/{name}/restore", restore);
  router.add("DELETE", one + "/{name}", remove);
  router.add("POST", "/docker-cpp/containers/{id}/clone", clone);
}

}  // namespace docker_cpp::daemon::api
