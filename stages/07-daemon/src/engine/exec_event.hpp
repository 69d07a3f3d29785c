// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "docker_cpp/daemon/events.hpp"
#include "docker_cpp/daemon/model.hpp"

namespace docker_cpp::daemon {

/// "exec_create: sh -c ls": Docker puts the whole command into the action.
[[nodiscard]] inline std::string exec_action(const std::string& verb,
                                             const Exec& exec) {
  std::string action = verb + ":";
  for (const std::string& word : exec.args) {
    action += " " + word;
  }
  return action;
}

[[nodiscard]] inline Event exec_event(const std::string& verb,
                                      const Container& container,
                                      const Exec& exec) {
  Event event{.type = "container",
              .action = exec_action(verb, exec),
              .actor_id = container.id,
              .attributes = container.config.labels};
  event.attributes["name"] = container.name;
  event.attributes["image"] = container.config.image;
  event.attributes["execID"] = exec.id;
  return event;
}

}  // namespace docker_cpp::daemon
