// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <nlohmann/json.hpp>

#include "../engine/container_layers.hpp"
#include "container_list.hpp"
#include "context.hpp"
#include "filters.hpp"
#include "handlers.hpp"
#include "image_view.hpp"

#include "docker_cpp/images/image_error.hpp"
#include "docker_cpp/images/image_store.hpp"
#include "docker_cpp/images/reference.hpp"

namespace docker_cpp::daemon::api {
namespace {

using nlohmann::json;

ApiError no_such_image(const std::string& name) {
  // Docker names what it looked for: a tag belongs to it.
  const auto whole = images::Reference::parse(name);
  return {ErrorCode::not_found,
          "No such image: " + (whole ? whole->familiar() : name)};
}

/// What the store does may take time, and disk: never on the event loop.
void blocking(const CallPtr& call, std::function<void()> work) {
  call->context->executor.blocking(
      [call, work = std::move(work)] { call->guard(work); });
}

void publish(const Context& context, const std::string& action,
             const std::string& id, const std::string& name) {
  context.runtime.publish({.type = "image",
                           .action = action,
                           .actor_id = id,
                           .attributes = {{"name", name}}});
}

images::Image find(const CallPtr& call, const std::string& name) {
  auto image = call->context->images.find(name);
  if (!image) {
    throw no_such_image(name);
  }
  return *std::move(image);
}

std::int64_t containers_of(const Context& context, const std::string& id) {
  return std::ranges::count_if(
      context.runtime.list(),
      [&](const ContainerPtr& one) { return one->image_id == id; });
}

void list(const CallPtr& call) {
  const Filters filters(
      call->query().get("filters"),
      {"before", "dangling", "label", "reference", "since", "until"});
  blocking(call, [call, filters] {
    const auto selected = select_images(*call->context, filters);
    std::map<std::string, std::int64_t> shared;
    if (call->query().flag("shared-size")) {
      shared = shared_sizes(call->context->images.list());
    }
    json out = json::array();
    for (const auto& image : selected) {
      out.push_back(image_list_view(image, call->api_minor));
      if (const auto found = shared.find(image.id); found != shared.end()) {
        out.back()["SharedSize"] = found->second;
      }
    }
    call->reply(200, out);
  });
}

void inspect(const CallPtr& call) {
  blocking(call, [call] {
    const auto image = find(call, call->variable("name"));
    call->reply(200, image_inspect_view(
                         image, call->context->images.layer_directories(image),
                         call->api_minor));
  });
}

void history(const CallPtr& call) {
  blocking(call, [call] {
    const auto image = find(call, call->variable("name"));
    call->reply(200, image_history_view(image));
  });
}

void tag(const CallPtr& call) {
  blocking(call, [call] {
    auto target = call->query().get("repo");
    const auto with = call->query().get("tag");
    if (!with.empty()) {
      target += ":" + with;
    }
    const auto image = find(call, call->variable("name"));
    call->context->images.tag(image.id, target);
    publish(*call->context, "tag", image.id, target);
    call->reply_empty(201);
  });
}

/// A name goes from under a container only when that is forced, an id not
/// even then while the container runs. The sentences are Docker's.
void check_unused(const Context& context, const images::Image& image,
                  const std::string& name, bool force) {
  const bool by_id =
      image.id.starts_with(name) || image.id.substr(7).starts_with(name);
  if (!by_id && image.repo_tags.size() > 1) {
    return;
  }
  const auto short_id = image.id.substr(7, 12);
  for (const auto& container : context.runtime.list()) {
    const bool up =
        use_of_image(image.id, {container}) == images::ImageUse::running;
    if (container->image_id != image.id || (force && !(by_id && up))) {
      continue;
    }
    const auto holder = container->id.substr(0, 12);
    if (!by_id && !force) {
      throw ApiError(ErrorCode::conflict,
                     "conflict: unable to remove repository reference \"" +
                         name + "\" (must force) - container " + holder +
                         " is using its referenced image " + short_id);
    }
    throw ApiError(ErrorCode::conflict,
                   "conflict: unable to delete " + short_id +
                       (up ? " (cannot be forced) - image is being used by "
                             "running container "
                           : " (must be forced) - image is being used by "
                             "stopped container ") +
                       holder);
  }
}

json removed_view(const Context& context, const images::Image& image,
                  const images::RemoveResult& result) {
  json out = json::array();
  for (const auto& name : result.untagged) {
    out.push_back({{"Untagged", name}});
    publish(context, "untag", image.id, image.id);
  }
  for (const auto& id : result.deleted) {
    out.push_back({{"Deleted", id}});
  }
  if (!result.deleted.empty()) {
    publish(context, "delete", image.id, image.id);
  }
  return out;
}

images::UseOf users(const Context& context) {
  return [&context](const std::string& id) {
    return use_of_image(id, context.runtime.list());
  };
}

void remove(const CallPtr& call) {
  blocking(call, [call] {
    const auto& context = *call->context;
    const auto name = call->variable("name");
    const auto image = context.images.find_stored(name);
    if (!image) {
      throw no_such_image(name);
    }
    const bool force = call->query().flag("force");
    check_unused(context, *image, name, force);
    const auto result =
        context.images.remove(name, {.force = force,
                                     .prune = !call->query().flag("noprune"),
                                     .use = users(context)});
    call->reply(200, removed_view(context, *image, result));
  });
}

void prune(const CallPtr& call) {
  const Filters filters(call->query().get("filters"),
                        {"dangling", "keep", "label", "label!", "until"});
  blocking(call, [call, filters] {
    const auto& context = *call->context;
    json deleted = nullptr;
    std::int64_t reclaimed = 0;
    for (const auto& image : prunable_images(context, filters)) {
      if (containers_of(context, image.id) > 0) {
        continue;
      }
      const auto result = context.images.remove(
          image.id, {.force = true, .use = users(context)});
      for (const auto& entry : removed_view(context, image, result)) {
        deleted.push_back(entry);
      }
      reclaimed += image.size;
    }
    call->reply(200,
                {{"ImagesDeleted", deleted}, {"SpaceReclaimed", reclaimed}});
  });
}

void load(const CallPtr& call) {
  if (!call->request.body_stream) {
    throw ApiError(ErrorCode::invalid_argument,
                   "an archive is expected in the request's body");
  }
  blocking(call, [call] {
    const auto body = std::move(call->request.body_stream);
    const auto names = call->context->images.load(body.get());
    call->begin_stream("application/json");
    for (const auto& name : names) {
      const bool by_id = name.starts_with("sha256:");
      const auto image = call->context->images.find_stored(name);
      if (image) {
        publish(*call->context, "load", image->id, image->id);
      }
      if (!call->send(
              {{"stream", (by_id ? "Loaded image ID: " : "Loaded image: ") +
                              name + "\n"}})) {
        return;
      }
    }
    call->exchange->finish();
  });
}

}  // namespace

void add_images(Router& router) {
  router.add("GET", "/images/json", list);
  router.add("POST", "/images/load", load);
  router.add("POST", "/images/prune", prune);
  router.add("GET", "/images/{name*}/json", inspect);
  router.add("GET", "/images/{name*}/history", history);
  router.add("POST", "/images/{name*}/tag", tag);
  router.add("DELETE", "/images/{name*}", remove);
}

}  // namespace docker_cpp::daemon::api
