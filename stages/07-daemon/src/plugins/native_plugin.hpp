// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "docker_cpp/daemon/plugin_registry.hpp"

namespace docker_cpp::daemon {

/// One shared object. Its calls happen on its own thread; whoever waits for
/// one waits a bounded time, and after that the plugin is not asked again.
class NativePlugin {
 public:
  /// \throws ApiError saying why it cannot be used
  NativePlugin(const std::string& path, const std::string& configuration,
               std::chrono::milliseconds patience);
  ~NativePlugin();
  NativePlugin(const NativePlugin&) = delete;
  NativePlugin& operator=(const NativePlugin&) = delete;

  [[nodiscard]] PluginInfo info() const;
  [[nodiscard]] bool authorizes() const;
  [[nodiscard]] std::string refusal(const std::string& question);
  void tell(std::string event);

 private:
  struct Worker;
  std::shared_ptr<Worker> worker_;
  std::chrono::milliseconds patience_;
};

}  // namespace docker_cpp::daemon
