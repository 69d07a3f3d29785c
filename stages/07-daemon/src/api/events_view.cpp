// SPDX-License-Identifier: Apache-2.0
#include "events_view.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

namespace docker_cpp::daemon::api {
namespace {

using nlohmann::json;

std::string attribute(const Event& event, const std::string& name) {
  const auto found = event.attributes.find(name);
  return found == event.attributes.end() ? std::string{} : found->second;
}

/// "exec_start: sh -c x" is found by "exec_start" too.
bool accepts_action(const Filters& filters, const Event& event) {
  return filters.accepts("event", event.action) ||
         filters.accepts("event",
                         event.action.substr(0, event.action.find(':')));
}

/// A filter by an object's type, "container=x": only events of that type, with
/// that name or a prefix of that id.
bool accepts_object(const Filters& filters, const std::string& type,
                    const Event& event) {
  if (!filters.has(type)) {
    return true;
  }
  return event.type == type &&
         (filters.accepts_prefix(type, event.actor_id) ||
          filters.accepts(type, attribute(event, "name")));
}

/// "image=x" means images, and containers made of one. With and without tag.
bool accepts_image(const Filters& filters, const Event& event) {
  if (!filters.has("image")) {
    return true;
  }
  const auto image = event.type == "image" ? attribute(event, "name")
                                           : attribute(event, "image");
  const auto bare = image.substr(0, image.rfind(':'));
  return filters.accepts("image",
                         event.type == "image" ? event.actor_id : image) ||
         filters.accepts("image", image) || filters.accepts("image", bare);
}

}  // namespace

json event_view(const Event& event) {
  const auto nanoseconds = std::chrono::duration_cast<std::chrono::nanoseconds>(
                               event.time.time_since_epoch())
                               .count();
  json out = {
      {"Type", event.type},
      {"Action", event.action},
      {"Actor", {{"ID", event.actor_id}, {"Attributes", event.attributes}}},
      {"scope", "local"},
      {"time", nanoseconds / 1'000'000'000},
      {"timeNano", nanoseconds}};
  if (event.type == "container" || event.type == "image") {
    out["status"] = event.action;
    out["id"] = event.actor_id;
  }
  if (event.type == "container") {
    out["from"] = attribute(event, "image");
  }
  return out;
}

bool accepts_event(const Filters& filters, const Event& event) {
  return accepts_action(filters, event) &&
         filters.accepts("type", event.type) &&
         filters.accepts("scope", "local") &&
         accepts_object(filters, "container", event) &&
         accepts_object(filters, "network", event) &&
         accepts_object(filters, "volume", event) &&
         accepts_object(filters, "daemon", event) &&
         accepts_image(filters, event) &&
         filters.accepts_labels("label", event.attributes);
}

}  // namespace docker_cpp::daemon::api
