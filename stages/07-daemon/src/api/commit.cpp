// SPDX-License-Identifier: Apache-2.0
// A container's changes: shown by `docker diff`, made an image by `docker
// commit`.
#include <chrono>
#include <optional>

#include <nlohmann/json.hpp>

#include "../engine/config_changes.hpp"
#include "context.hpp"
#include "handlers.hpp"

#include "docker_cpp/daemon/container_storage.hpp"
#include "docker_cpp/daemon/model_json.hpp"
#include "docker_cpp/images/image_store.hpp"
#include "docker_cpp/images/manifest.hpp"
#include "docker_cpp/images/reference.hpp"

namespace docker_cpp::daemon::api {
namespace {

using nlohmann::json;

ContainerStorage storage_of(const CallPtr& call) {
  return {call->context->images, call->context->info.data_root};
}

void changes(const CallPtr& call) {
  const auto container = call->context->runtime.get(call->variable("id"));
  call->context->executor.blocking([call, container] {
    call->guard([&] {
      json out = nullptr;
      for (const auto& change : storage_of(call).changes(*container)) {
        out.push_back(
            {{"Kind", static_cast<int>(change.kind)}, {"Path", change.path}});
      }
      call->reply(200, out);
    });
  });
}

/// repo:tag, or nothing. \throws ApiError
std::vector<std::string> names_of(const CallPtr& call) {
  auto name = call->query().get("repo");
  const auto tag = call->query().get("tag");
  if (name.empty()) {
    return {};
  }
  if (!tag.empty()) {
    name += ":" + tag;
  }
  const auto reference = images::Reference::parse(name);
  if (!reference) {
    throw ApiError(ErrorCode::invalid_argument, reference.error());
  }
  return {reference->canonical()};
}

std::string command_text(const Container& container) {
  std::string text;
  for (const auto& word : container.args) {
    text += (text.empty() ? "" : " ") + word;
  }
  return text;
}

/// The image's configuration of a container, with what the caller changes.
json config_of(const CallPtr& call, const Container& container) {
  json config = json::object();
  if (!call->request.body.empty()) {
    const json body = parse_json(call->json_body());
    if (body.is_object()) {
      config = config_to_json(config_from_json(body));
    }
  }
  apply_changes(config, call->query().all("changes"));
  fill_from(config, config_to_json(container.config));
  for (const char* key :
       {"Hostname", "Domainname", "Image", "AttachStdin", "AttachStdout",
        "AttachStderr", "Tty", "OpenStdin", "StdinOnce"}) {
    config.erase(key);
  }
  return config;
}

images::NewImage new_image(const CallPtr& call, const Container& container) {
  const auto now = format_time(std::chrono::system_clock::now());
  const auto image = call->context->images.find_held(container.image_id);
  const auto author = call->query().get("author");
  json whole = {{"architecture",
                 image ? image->architecture : images::host_architecture()},
                {"os", "linux"},
                {"created", now},
                {"container", container.id},
                {"docker_version", call->context->info.version},
                {"config", config_of(call, container)}};
  if (image && !image->variant.empty()) {
    whole["variant"] = image->variant;
  }
  if (!author.empty()) {
    whole["author"] = author;
  }
  if (const auto comment = call->query().get("comment"); !comment.empty()) {
    whole["comment"] = comment;
  }
  return {.parent = container.image_id,
          .config = dump(whole),
          .history = {.created = now,
                      .created_by = command_text(container),
                      .author = author,
                      .comment = call->query().get("comment"),
                      .empty_layer = false},
          .names = names_of(call)};
}

/// A layer for each that lies over the image: what is below the last one
/// becomes images without names, which go as soon as that one stands on them.
std::string create_layers(images::ImageStore& store, images::NewImage image,
                          const std::vector<sys::UniqueFd>& layers) {
  std::vector<std::string> steps;
  for (std::size_t i = 0; i + 1 < layers.size(); ++i) {
    images::NewImage below = image;
    below.names.clear();
    below.changes = layers[i].get();
    image.parent = store.create(below);
    steps.push_back(image.parent);
  }
  image.changes = layers.back().get();
  const auto id = store.create(image);
  for (const std::string& step : steps) {
    static_cast<void>(store.remove(step));
  }
  return id;
}

void make_image(const CallPtr& call, const Container& container,
                const images::NewImage& image) {
  const auto id = create_layers(call->context->images, image,
                                storage_of(call).open_changes(container));
  std::string name;
  if (!image.names.empty()) {
    name = images::Reference::parse(image.names[0])->familiar();
  }
  Labels attributes = {{"name", container.name},
                       {"image", container.config.image},
                       {"imageID", id}};
  if (!name.empty()) {
    attributes["imageRef"] = name;
  }
  call->context->runtime.publish({.type = "container",
                                  .action = "commit",
                                  .actor_id = container.id,
                                  .attributes = std::move(attributes)});
  call->reply(201, {{"Id", id}});
}

/// Stopped for a moment, so that its files are of one moment, too.
void commit(const CallPtr& call) {
  const auto ref = call->query().get("container");
  const auto container = call->context->runtime.get(ref);
  auto image = new_image(call, *container);
  auto work = [call, container, image = std::move(image)] {
    call->guard([&] { make_image(call, *container, image); });
  };
  const bool pause =
      call->query().flag("pause", true) && container->state == State::running;
  if (!pause) {
    call->context->executor.blocking(std::move(work));
    return;
  }
  call->context->runtime.pause(
      container->id,
      [call, container, work = std::move(work)](Outcome<void> paused) mutable {
        if (!paused) {
          call->fail(paused.error());
          return;
        }
        call->context->executor.blocking([call, container,
                                          work = std::move(work)] {
          work();
          call->context->runtime.unpause(container->id, [](Outcome<void>) {});
        });
      });
}

}  // namespace

void add_commit(Router& router) {
  router.add("POST", "/commit", commit);
  router.add("GET", "/containers/{id}/changes", changes);
}

}  // namespace docker_cpp::daemon::api
