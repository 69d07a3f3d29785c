// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "exec_table.hpp"
#include "folders.hpp"
#include "seccomp_cache.hpp"
#include "snapshot_store.hpp"

#include "docker_cpp/daemon/engine.hpp"
#include "docker_cpp/daemon/events.hpp"
#include "docker_cpp/daemon/executor.hpp"
#include "docker_cpp/daemon/registry.hpp"
#include "docker_cpp/daemon/volume_manager.hpp"

namespace docker_cpp::daemon {

/// The daemon's configuration for containers: replaced as a whole, so that a
/// reader never sees half of a change.
class SharedDefaults {
 public:
  void set(ContainerDefaults defaults) {
    auto fresh = std::make_shared<const ContainerDefaults>(std::move(defaults));
    const std::lock_guard lock(mutex_);
    current_ = std::move(fresh);
  }
  [[nodiscard]] std::shared_ptr<const ContainerDefaults> get() const {
    const std::lock_guard lock(mutex_);
    return current_;
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const ContainerDefaults> current_ =
      std::make_shared<const ContainerDefaults>();
};

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
  VolumeManager volumes;
  SnapshotStore frozen;
  SeccompCache seccomp;
  SharedDefaults defaults;
  /// Removes frozen layers that nothing stands on any more.
  void collect_frozen() noexcept;
  /// Lets go of images that were removed from under containers.
  void release_images() noexcept;

  /// An actor's farewell: its container is no more.
  std::function<void(const std::string& id)> forget;

  [[nodiscard]] bool knows_all_containers() const;

  void warn(const std::string& what) const {
    if (options.warn) {
      options.warn(what);
    }
  }
};

}  // namespace docker_cpp::daemon
