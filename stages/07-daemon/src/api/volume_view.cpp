// SPDX-License-Identifier: Apache-2.0
#include "volume_view.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "docker_cpp/daemon/model_json.hpp"

namespace docker_cpp::daemon::api {

using nlohmann::json;

VolumeManager volumes_of(const Context& context) {
  return VolumeManager(context.info.data_root + "/volumes");
}

Strings users_of_volume(const Context& context, const std::string& name) {
  Strings users;
  for (const auto& container : context.runtime.list()) {
    const bool has =
        std::ranges::any_of(container->mounts, [&](const MountPoint& mount) {
          return mount.type == "volume" && mount.name == name;
        });
    if (has) {
      users.push_back(container->id);
    }
  }
  return users;
}

json volume_view(const Volume& volume) {
  json labels = nullptr;
  if (volume.anonymous) {
    labels = {{"com.docker.volume.anonymous", ""}};
  }
  for (const auto& [key, value] : volume.labels) {
    labels[key] = value;
  }
  return {{"CreatedAt", format_time(volume.created)},
          {"Driver", "local"},
          {"Labels", std::move(labels)},
          {"Mountpoint", volume.mountpoint},
          {"Name", volume.name},
          {"Options", volume.options.empty() ? json() : json(volume.options)},
          {"Scope", "local"}};
}

}  // namespace docker_cpp::daemon::api
