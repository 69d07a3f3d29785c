// SPDX-License-Identifier: Apache-2.0
// `docker import`: an image of one layer, out of an archive of files.
#include <chrono>

#include <nlohmann/json.hpp>

#include "../engine/config_changes.hpp"
#include "context.hpp"
#include "handlers.hpp"

#include "docker_cpp/daemon/model_json.hpp"
#include "docker_cpp/images/image_store.hpp"
#include "docker_cpp/images/manifest.hpp"
#include "docker_cpp/images/reference.hpp"

namespace docker_cpp::daemon::api {
namespace {

using nlohmann::json;

/// "linux/arm64/v8" into the configuration.
void set_platform(json& config, const std::string& platform) {
  config["os"] = "linux";
  config["architecture"] = images::host_architecture();
  if (platform.empty()) {
    return;
  }
  Strings parts = {""};
  for (const char c : platform) {
    if (c == '/') {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  if (parts.size() > 3 || parts[0] != "linux") {
    throw ApiError(ErrorCode::invalid_argument,
                   "invalid platform \"" + platform +
                       "\": this engine has linux/ARCHITECTURE[/VARIANT]");
  }
  if (parts.size() > 1) {
    config["architecture"] = parts[1];
  }
  if (parts.size() > 2) {
    config["variant"] = parts[2];
  }
}

images::NewImage image_of(const CallPtr& call) {
  const auto& query = call->query();
  json config = json::object();
  apply_changes(config, query.all("changes"));
  const auto now = format_time(std::chrono::system_clock::now());
  const auto message = query.get("message");
  json whole = {{"created", now},
                {"docker_version", call->context->info.version},
                {"config", std::move(config)}};
  if (!message.empty()) {
    whole["comment"] = message;
  }
  set_platform(whole, query.get("platform"));
  images::NewImage image{
      .config = dump(whole),
      .history = {.created = now,
                  .created_by = "",
                  .author = "",
                  .comment = message.empty() ? "Imported from -" : message,
                  .empty_layer = false}};
  if (auto name = query.get("repo"); !name.empty()) {
    if (const auto tag = query.get("tag"); !tag.empty()) {
      name += ":" + tag;
    }
    const auto reference = images::Reference::parse(name);
    if (!reference) {
      throw ApiError(ErrorCode::invalid_argument, reference.error());
    }
    image.names = {reference->canonical()};
  }
  return image;
}

}  // namespace

void import_image(const CallPtr& call) {
  if (call->query().get("fromSrc") != "-") {
    throw ApiError(ErrorCode::invalid_argument,
                   "import takes an archive in the request's body: download " +
                       call->query().get("fromSrc") + " and import the file");
  }
  if (!call->request.body_stream) {
    throw ApiError(ErrorCode::invalid_argument,
                   "an archive is expected in the request's body");
  }
  auto image = image_of(call);
  call->context->executor.blocking([call, image = std::move(image)]() mutable {
    call->guard([&] {
      const auto body = std::move(call->request.body_stream);
      image.archive = body.get();
      const auto id = call->context->images.create(image);
      call->context->runtime.publish({.type = "image",
                                      .action = "import",
                                      .actor_id = id,
                                      .attributes = {{"name", id}}});
      call->begin_stream("application/json");
      if (call->send({{"status", id}})) {
        call->exchange->finish();
      }
    });
  });
}

}  // namespace docker_cpp::daemon::api
