// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "container_actor.hpp"
#include "context.hpp"

#include "docker_cpp/daemon/engine.hpp"
#include "docker_cpp/daemon/snapshots.hpp"

namespace docker_cpp::daemon {

class Engine::Impl {
 public:
  Impl(Executor& executor, images::ImageStore& images, NetworkManager* networks,
       EventSystem& events, EngineOptions options);

  [[nodiscard]] std::shared_ptr<ContainerActor> actor(std::string_view ref);

  /// All of it or nothing. \throws ApiError, Error
  Created create(CreateRequest request);

  void recover();

  Context context;
  std::unique_ptr<Snapshots> snapshots;

 private:
  using Actor = std::shared_ptr<ContainerActor>;

  // engine_create.cpp
  Container describe(CreateRequest& request);
  void plan_networks(Container& container, const std::string& mac) const;
  void insert(Container& container, const std::string& name);
  void make_home(Container& container);
  void fill_volumes(const Container& container,
                    const std::vector<MountPoint>& fresh);
  void resolve_mounts(Container& container);
  bool resolve_volume(const Container& container, MountPoint& mount);
  Actor adopt(const Container& container);

  // engine_recover.cpp
  void recover_folder(const std::string& name);
  [[nodiscard]] std::optional<Container> read_container(
      const std::string& id) const;
  void insert_recovered(Container& container);
  void release_strays();

  std::mutex mutex_;
  std::map<std::string, Actor, std::less<>> actors_;
};

}  // namespace docker_cpp::daemon
