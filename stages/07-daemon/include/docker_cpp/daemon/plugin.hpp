// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "docker_cpp/daemon/plugin_abi.h"

/// For whoever writes a plugin in C++: derive, and say DOCKER_CPP_PLUGIN.
namespace docker_cpp::plugin {

class Plugin {
 public:
  virtual ~Plugin() = default;

  /// Why a request is refused; nothing allows it.
  virtual std::optional<std::string> authorize(std::string_view) {
    return std::nullopt;
  }
  virtual void on_event(std::string_view) {}
};

/// The C side of a Plugin: what is thrown ends here, and refuses.
template <typename Made>
struct Adapter {
  static void* start(const char* configuration) noexcept {
    try {
      return new Made(std::string_view(configuration));
    } catch (...) {
      return nullptr;
    }
  }
  static void stop(void* self) noexcept { delete static_cast<Made*>(self); }

  static int authorize(void* self, const char* request, char* reason,
                       std::size_t size) noexcept {
    std::optional<std::string> why;
    try {
      why = static_cast<Made*>(self)->authorize(request);
    } catch (...) {
      why = "the plugin failed";
    }
    if (!why) {
      return DOCKER_CPP_ALLOW;
    }
    const std::size_t length = std::min(why->size(), size - 1);
    why->copy(reason, length);
    reason[length] = '\0';
    return DOCKER_CPP_DENY;
  }

  static void on_event(void* self, const char* event) noexcept {
    try {
      static_cast<Made*>(self)->on_event(event);
    } catch (...) {
      return;  // events are told, not asked for
    }
  }
};

}  // namespace docker_cpp::plugin

/// Once per shared object: the class, which takes its configuration (JSON).
#define DOCKER_CPP_PLUGIN(Made, Name, Version)                               \
  extern "C" __attribute__((visibility("default"))) const docker_cpp_plugin* \
  docker_cpp_plugin_entry() {                                                \
    using Adapter = docker_cpp::plugin::Adapter<Made>;                       \
    static const docker_cpp_plugin plugin = {DOCKER_CPP_PLUGIN_ABI,          \
                                             sizeof(docker_cpp_plugin),      \
                                             Name,                           \
                                             Version,                        \
                                             Adapter::start,                 \
                                             Adapter::stop,                  \
                                             Adapter::authorize,             \
                                             Adapter::on_event};             \
    return &plugin;                                                          \
  }
