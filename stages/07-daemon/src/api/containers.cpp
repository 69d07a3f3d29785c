// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <nlohmann/json.hpp>

#include "../engine/identifiers.hpp"
#include "container_list.hpp"
#include "handlers.hpp"
#include "views.hpp"

#include "docker_cpp/daemon/model_json.hpp"
#include "docker_cpp/images/image_store.hpp"

namespace docker_cpp::daemon::api {
namespace {

using nlohmann::json;

void add_sizes(const Context& context, const Container& container, json& view) {
  const auto own =
      layer_size(layer_folder(context.info.data_root, container.id));
  const auto image = context.images.find_held(container.image_id);
  view["SizeRw"] = own;
  view["SizeRootFs"] = own + (image ? image->size : 0);
}

void list(const CallPtr& call) {
  const auto& context = *call->context;
  const auto now = std::chrono::system_clock::now();
  const auto selected = select_containers(context, call->query());
  if (!call->query().flag("size")) {
    json out = json::array();
    for (const auto& container : selected) {
      out.push_back(list_view(*container, now));
    }
    call->reply(200, out);
    return;
  }
  // Counting bytes walks file systems: not on the event loop.
  context.executor.blocking([call, selected, now] {
    call->guard([&] {
      json out = json::array();
      for (const auto& container : selected) {
        out.push_back(list_view(*container, now));
        add_sizes(*call->context, *container, out.back());
      }
      call->reply(200, out);
    });
  });
}

void inspect(const CallPtr& call) {
  const auto& context = *call->context;
  const auto container = context.runtime.get(call->variable("name"));
  if (!call->query().flag("size")) {
    call->reply(200, inspect_view(*container, context.info));
    return;
  }
  context.executor.blocking([call, container] {
    call->guard([&] {
      auto view = inspect_view(*container, call->context->info);
      add_sizes(*call->context, *container, view);
      call->reply(200, view);
    });
  });
}

CreateRequest read_create(const Call& call) {
  const auto body = call.json_body();
  if (body.empty()) {
    throw ApiError(ErrorCode::invalid_argument,
                   "invalid JSON: got EOF while reading request body");
  }
  const json document = parse_json(body);
  if (document.is_null() || (document.is_object() && document.empty())) {
    throw ApiError(ErrorCode::invalid_argument,
                   "Config cannot be empty in order to create a container");
  }
  auto request = create_request_from_json(body);
  request.name = call.query().get("name");
  return request;
}

void create(const CallPtr& call) {
  call->context->runtime.create(
      read_create(*call), [call](Outcome<Created> outcome) {
        if (!outcome) {
          call->fail(outcome.error());
          return;
        }
        json warnings = json::array();
        for (const auto& warning : outcome->warnings) {
          warnings.push_back(warning);
        }
        call->reply(201, {{"Id", outcome->id}, {"Warnings", warnings}});
      });
}

StopOptions stop_options(const Call& call) {
  return {.timeout = call.query().number("t"),
          .signal = call.query().get("signal")};
}

void start(const CallPtr& call) {
  // A body here was how options were given before 1.24; nobody may think that
  // they still count.
  if (call->request.body.size() > 0 && call->request.body != "{}" &&
      call->request.body.find_first_not_of(" \r\n\t") != std::string::npos &&
      call->request.body != "null") {
    throw ApiError(ErrorCode::invalid_argument,
                   "starting container with non-empty request body was "
                   "deprecated since API v1.22 and removed in v1.24");
  }
  call->context->runtime.start(call->variable("name"), done_with(call, 204));
}

void stop(const CallPtr& call) {
  call->context->runtime.stop(call->variable("name"), stop_options(*call),
                              done_with(call, 204));
}

void restart(const CallPtr& call) {
  call->context->runtime.restart(call->variable("name"), stop_options(*call),
                                 done_with(call, 204));
}

void kill(const CallPtr& call) {
  const auto signal = call->query().get("signal");
  if (!signal.empty()) {
    static_cast<void>(parse_signal(signal));
  }
  try {
    static_cast<void>(call->context->runtime.get(call->variable("name")));
  } catch (const ApiError& error) {
    throw ApiError(error.code(),
                   "Cannot kill container: " + call->variable("name") + ": " +
                       error.what());
  }
  call->context->runtime.kill(call->variable("name"),
                              signal.empty() ? "KILL" : signal,
                              done_with(call, 204));
}

void pause(const CallPtr& call) {
  call->context->runtime.pause(call->variable("name"), done_with(call, 204));
}

void unpause(const CallPtr& call) {
  call->context->runtime.unpause(call->variable("name"), done_with(call, 204));
}

void rename(const CallPtr& call) {
  call->context->runtime.rename(
      call->variable("name"), call->query().get("name"), done_with(call, 204));
}

void remove(const CallPtr& call) {
  const auto& query = call->query();
  call->context->runtime.remove(call->variable("name"),
                                {.force = query.flag("force"),
                                 .volumes = query.flag("v"),
                                 .link = query.flag("link")},
                                done_with(call, 204));
}

void update(const CallPtr& call) {
  call->context->runtime.update(
      call->variable("name"), update_request_from_json(call->json_body()),
      [call](Outcome<Strings> outcome) {
        if (!outcome) {
          call->fail(outcome.error());
          return;
        }
        json warnings = outcome->empty() ? json(nullptr) : json(*outcome);
        call->reply(200, {{"Warnings", std::move(warnings)}});
      });
}

/// Not Docker's: what its users asked for since 2014.
void clear_logs(const CallPtr& call) {
  call->context->runtime.clear_logs(call->variable("name"),
                                    done_with(call, 204));
}

/// Removes one after the other; what cannot be removed is left, as Docker
/// does: somebody may have started it meanwhile.
struct Prune : std::enable_shared_from_this<Prune> {
  CallPtr call;
  std::vector<ContainerPtr> todo;
  json deleted = nullptr;
  std::int64_t reclaimed = 0;

  void next() {
    if (todo.empty()) {
      call->reply(
          200, {{"ContainersDeleted", deleted}, {"SpaceReclaimed", reclaimed}});
      return;
    }
    const auto container = todo.back();
    todo.pop_back();
    const auto& context = *call->context;
    const auto size =
        layer_size(layer_folder(context.info.data_root, container->id));
    context.runtime.remove(
        container->id, {},
        [self = shared_from_this(), container, size](Outcome<void> outcome) {
          if (outcome) {
            self->deleted.push_back(container->id);
            self->reclaimed += size;
          }
          self->go_on();
        });
  }

  void go_on() {
    call->context->executor.blocking([self = shared_from_this()] {
      self->call->guard([&] { self->next(); });
    });
  }
};

void prune(const CallPtr& call) {
  auto work = std::make_shared<Prune>();
  work->call = call;
  work->todo = prunable_containers(*call->context, call->query());
  work->go_on();
}

}  // namespace

void add_containers(Router& router) {
  router.add("GET", "/containers/json", list);
  router.add("GET", "/containers/{name}/json", inspect);
  router.add("POST", "/containers/create", create);
  router.add("POST", "/containers/prune", prune);
  router.add("POST", "/containers/{name}/start", start);
  router.add("POST", "/containers/{name}/stop", stop);
  router.add("POST", "/containers/{name}/restart", restart);
  router.add("POST", "/containers/{name}/kill", kill);
  router.add("POST", "/containers/{name}/pause", pause);
  router.add("POST", "/containers/{name}/unpause", unpause);
  router.add("POST", "/containers/{name}/rename", rename);
  router.add("POST", "/containers/{name}/update", update);
  router.add("DELETE", "/containers/{name}/logs", clear_logs);
  router.add("DELETE", "/containers/{name}", remove);
}

}  // namespace docker_cpp::daemon::api
