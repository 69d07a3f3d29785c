// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

#include "exec_table.hpp"
#include "folders.hpp"
#include "seccomp_cache.hpp"
#include "volumes.hpp"

#include "docker_cpp/daemon/engine.hpp"
#include "docker_cpp/daemon/events.hpp"
#include "docker_cpp/daemon/executor.hpp"
#include "docker_cpp/daemon/registry.hpp"

namespace docker_cpp::daemon {

/// What all containers' actors share. Each part is thread safe.
struct Context {
  Executor& executor;
  images::ImageStore& images;
  NetworkManager* networks;  ///< null: only none and host
  EventSystem& events;
  const EngineOptions options;
  const Folders folders;
  Registry registry;
  ExecTable execs;
  VolumeStore volumes;
  SeccompCache seccomp;
  /// An actor's farewell: its container is no more.
  std::function<void(const std::string& id)> forget;

  void warn(const std::string& what) const {
    if (options.warn) {
      options.warn(what);
    }
  }
};

}  // namespace docker_cpp::daemon
