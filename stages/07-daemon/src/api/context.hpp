// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "../logs/folder_watcher.hpp"

#include "docker_cpp/daemon/api_server.hpp"
#include "docker_cpp/daemon/builder.hpp"
#include "docker_cpp/daemon/container_runtime.hpp"
#include "docker_cpp/daemon/executor.hpp"

namespace docker_cpp::daemon::api {

/// What the handlers work with.
struct Context {
  Executor& executor;
  ContainerRuntime& runtime;
  images::ImageStore& images;
  EngineInfo info;
  std::shared_ptr<FolderWatcher> watcher;
  std::shared_ptr<Builder> builder;
};

inline constexpr std::string_view api_version = "1.44";
inline constexpr std::string_view minimum_api_version = "1.24";

}  // namespace docker_cpp::daemon::api
