// SPDX-License-Identifier: Apache-2.0
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include "engine_impl.hpp"
#include "host_defaults.hpp"
#include "identifiers.hpp"
#include "image_config.hpp"
#include "log_config.hpp"
#include "mounts.hpp"
#include "size_limit.hpp"

#include "docker_cpp/daemon/model_json.hpp"
#include "docker_cpp/daemon/record.hpp"
#include "docker_cpp/images/image_store.hpp"
#include "docker_cpp/rootfs/frozen_layer.hpp"
#include "docker_cpp/rootfs/overlay.hpp"
#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/failpoint.hpp"

namespace docker_cpp::daemon {
namespace {

constexpr int name_attempts = 8;

/// `-v` makes the folder it names; `--mount` wants it to be there.
void make_bind_source(const MountPoint& mount, const HostConfig& host) {
  struct stat info{};
  if (::stat(mount.source.c_str(), &info) == 0) {
    return;
  }
  const MountRequest* request = request_for(host, mount);
  const bool by_mount = request != nullptr && !request->create_source;
  if (by_mount) {
    throw ApiError(ErrorCode::invalid_argument,
                   "invalid mount config for type \"bind\": bind source path "
                   "does not exist: " +
                       mount.source);
  }
  std::error_code error;
  std::filesystem::create_directories(mount.source, error);
  if (error) {
    throw ApiError(ErrorCode::internal,
                   "error while creating mount source path '" + mount.source +
                       "': " + error.message());
  }
}

/// What was asked for and has no effect.
std::vector<std::string> warnings_of(const Container& container) {
  const HostConfig& host = container.host_config;
  std::vector<std::string> warnings;
  if (host.network_mode == "host" && !host.port_bindings.empty()) {
    warnings.emplace_back(
        "Published ports are discarded when using host network mode");
  }
  return warnings;
}

}  // namespace

Container Engine::Impl::describe(CreateRequest& request) {
  if (!request.name.empty()) {
    const std::string_view given = request.name;
    request.name = given.starts_with('/') ? given.substr(1) : given;
    check_name(request.name);
  }
  std::optional<images::Image> image;
  if (request.cloned) {  // its name may be another image's by now
    image = context.images.find_held(request.cloned->image_id);
  } else if (!request.own_root) {
    image = context.images.find(request.config.image);
  }
  if (!image && !request.own_root) {
    throw ApiError(ErrorCode::not_found,
                   "No such image: " + request.config.image);
  }
  Container container{
      .id = new_id(),
      .created = std::chrono::system_clock::now(),
      .image_id = image ? image->id : request.own_root->image_id,
      .config = std::move(request.config),
      .host_config = std::move(request.host_config),
      .endpoints = std::move(request.endpoints),
      .own_root = std::move(request.own_root),
  };
  if (request.cloned) {
    container.frozen = std::move(request.cloned->frozen);
  } else if (image) {
    merge_image_config(container.config, image->config);
  }
  const auto defaults = context.defaults.get();
  fill_host_defaults(container.host_config, *defaults);
  if (container.config.hostname.empty() &&
      container.host_config.network_mode != "host" &&
      container.host_config.uts_mode != "host") {
    container.config.hostname = short_id(container.id);
  }
  container.args = command_line(container.config);
  container.log_path = context.folders.container(container.id) + "/" +
                       container.id + "-json.log";
  if (!keeps_log(container.host_config)) {
    container.log_path.clear();
  }
  plan_networks(container, request.mac_address);
  const auto inherited = mounts_of_others(
      container.host_config.volumes_from, [this](std::string_view ref) {
        return context.registry.find(ref)->mounts;
      });
  container.mounts =
      requested_mounts(container.config, container.host_config, inherited);
  check_container(container, *defaults);
  static_cast<void>(size_limit(container.host_config));
  return container;
}

/// Here a name is won or lost.
void Engine::Impl::insert(Container& container, const std::string& name) {
  for (int attempt = 0;; ++attempt) {
    container.name = name.empty() ? made_up_name(attempt) : name;
    try {
      context.registry.insert(container);
      return;
    } catch (const ApiError&) {
      if (!name.empty() || attempt == name_attempts) {
        throw;
      }
    }
  }
}

void Engine::Impl::resolve_mounts(Container& container) {
  std::vector<MountPoint> to_fill;
  for (MountPoint& mount : container.mounts) {
    if (mount.type == "bind") {
      make_bind_source(mount, container.host_config);
    } else if (mount.type == "volume" && resolve_volume(container, mount)) {
      to_fill.push_back(mount);
    }
  }
  if (!to_fill.empty()) {
    fill_volumes(container, to_fill);
  }
}

/// Returns whether the image's files belong into it: it is empty, and nobody
/// said they do not.
bool Engine::Impl::resolve_volume(const Container& container,
                                  MountPoint& mount) {
  VolumeRequest wanted;
  const MountRequest* request = request_for(container.host_config, mount);
  if (request != nullptr) {
    wanted.labels = request->volume_labels;
    wanted.options = request->volume_options;
    wanted.driver = request->volume_driver;
  }
  const bool fresh = context.volumes.resolve(mount, wanted);
  const bool copies =
      mount.mode.find("nocopy") == std::string::npos &&
      (request == nullptr || (!request->no_copy && request->subpath.empty()));
  return copies && (fresh || std::filesystem::is_empty(mount.source));
}

void Engine::Impl::fill_volumes(const Container& container,
                                const std::vector<MountPoint>& fresh) {
  const auto image = context.images.find_held(container.image_id);
  if (!image) {
    return;
  }
  const sys::UniqueFd root = rootfs::mount_overlay(
      {.lower = context.images.layer_directories(*image)});
  for (const MountPoint& mount : fresh) {
    fill_volume(root.get(), mount);
  }
}

void Engine::Impl::make_home(Container& container) {
  const std::string home = context.folders.container(container.id);
  make_folder(home, 0710);
  DOCKER_CPP_FAILPOINT("container.create.folder");
  make_folder(home + "/fs", 0710);
  make_folder(home + "/fs/upper", 0755);
  make_folder(home + "/fs/work", 0700);
  // Both: overlayfs renames from the one into the other.
  limit_layer(container, home + "/fs/upper");
  limit_layer(container, home + "/fs/work");
  if (!container.frozen.empty()) {
    const auto open = [](const std::string& path) {
      return must(rootfs::RootFd::of(path), "open the layer " + path);
    };
    rootfs::copy_top(open(context.folders.snapshots() + "/" +
                          container.frozen.front() + "/fs"),
                     open(home + "/fs/upper"));
  }
  resolve_mounts(container);
  DOCKER_CPP_FAILPOINT("container.create.record");
  const bool passing = container.host_config.auto_remove;
  write_record(open_folder(home).get(), "record",
               container_to_record(container),
               passing ? Durability::volatile_record : Durability::durable);
  if (!passing) {
    must(sys::check_void(
             ::fsync(open_folder(context.folders.containers()).get()), "fsync"),
         "create the container " + container.name);
  }
  DOCKER_CPP_FAILPOINT("container.create.recorded");
}

// [create]
Created Engine::Impl::create(CreateRequest request) {
  DOCKER_CPP_FAILPOINT("container.create.begin");
  Container container = describe(request);
  insert(container, request.name);
  try {
    // Whoever removed the image meanwhile may not have seen this container.
    if (!container.own_root && !context.images.find_held(container.image_id)) {
      throw ApiError(ErrorCode::not_found,
                     "No such image: " + container.config.image);
    }
    make_home(container);
  } catch (...) {
    try {
      remove_folder(context.folders.container(container.id));
    } catch (const std::exception& error) {
      context.warn(error.what());
    }
    context.registry.erase(container.id);
    throw;
  }
  context.registry.publish(container);
  adopt(container);
  Event event{
      .type = "container", .action = "create", .actor_id = container.id};
  event.attributes = container.config.labels;
  event.attributes["name"] = container.name;
  event.attributes["image"] = container.config.image;
  context.events.publish(std::move(event));
  return {.id = container.id, .warnings = warnings_of(container)};
}
// [create]

Engine::Impl::Actor Engine::Impl::adopt(const Container& container) {
  auto actor = std::make_shared<ContainerActor>(context, container);
  const std::lock_guard lock(mutex_);
  actors_.insert_or_assign(container.id, actor);
  return actor;
}

}  // namespace docker_cpp::daemon
