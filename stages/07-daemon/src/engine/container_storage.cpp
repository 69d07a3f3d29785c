// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/daemon/container_storage.hpp"

#include <fcntl.h>
#include <linux/mount.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include <algorithm>
#include <utility>

#include "container_layers.hpp"

#include "docker_cpp/daemon/api_error.hpp"
#include "docker_cpp/daemon/volume_manager.hpp"
#include "docker_cpp/images/image_store.hpp"
#include "docker_cpp/rootfs/mount_api.hpp"
#include "docker_cpp/rootfs/overlay.hpp"
#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/file.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::daemon {
namespace {

ApiError not_running(const Container& container) {
  return {ErrorCode::conflict, "Container " + container.id + " is not running"};
}

/// The root of a running container's first process. A process id may have
/// been given anew: the one that is held here must be in the container's
/// cgroup, and must still live when its root is open.
sys::UniqueFd open_running(const Container& container) {
  const std::string process = "/proc/" + std::to_string(container.pid);
  const auto pidfd = sys::pidfd_open(container.pid);
  if (!pidfd) {
    throw not_running(container);
  }
  const auto groups = sys::read_file((process + "/cgroup").c_str());
  auto root = sys::open((process + "/root").c_str(), O_PATH | O_DIRECTORY);
  const bool lives = sys::kill_process(pidfd->get(), 0).has_value();
  if (!groups || !root || !lives ||
      groups->find("/" + container.id) == std::string::npos) {
    throw not_running(container);
  }
  struct stat inside{};
  struct stat host{};
  must(sys::check_void(::fstat(root->get(), &inside), "fstat"),
       "look at the "
       "root");
  must(sys::check_void(::stat("/", &host), "stat"), "look at /");
  if (inside.st_dev == host.st_dev && inside.st_ino == host.st_ino) {
    throw not_running(container);
  }
  return *std::move(root);
}

/// A volume that is a file system of its own is mounted as long as a container
/// runs that has it; else it is mounted for a moment: the detached copy stays.
class AttachedVolume {
 public:
  AttachedVolume(const std::string& data_root, const MountPoint& point)
      : volumes_(data_root + "/volumes"), name_(point.name) {
    mine_ = point.type == "volume" && volumes_.attach(name_);
  }
  ~AttachedVolume() {
    if (mine_) {
      volumes_.detach(name_);
    }
  }
  AttachedVolume(const AttachedVolume&) = delete;
  AttachedVolume& operator=(const AttachedVolume&) = delete;

 private:
  VolumeManager volumes_;
  std::string name_;
  bool mine_ = false;
};

sys::UniqueFd detached(const std::string& data_root, const MountPoint& point) {
  const std::string doing = "mount " + point.source;
  const AttachedVolume attached(data_root, point);
  const auto source = sys::open(point.source.c_str(), O_PATH);
  if (!source) {
    throw ApiError(ErrorCode::internal,
                   "the source of the mount " + point.destination + ", " +
                       point.source + ", cannot be opened");
  }
  sys::UniqueFd mount = must(
      rootfs::clone_tree(source->get(), "", rootfs::Tree::recursive), doing);
  must(rootfs::set_mount_attributes(
           mount.get(),
           {.set = point.rw ? 0ULL : std::uint64_t{MOUNT_ATTR_RDONLY},
            .propagation = MS_PRIVATE},
           rootfs::Tree::recursive),
       doing);
  return mount;
}

}  // namespace

std::string ContainerStorage::home(const Container& container) const {
  return data_root_ + "/containers/" + container.id + "/fs";
}

std::vector<std::string> ContainerStorage::lower(
    const Container& container) const {
  return container_layers(images_, data_root_, container);
}

ContainerTree ContainerStorage::open(const Container& container) const {
  if (container.state == State::running || container.state == State::paused) {
    return {.root = open_running(container), .mounts = {}};
  }
  return open_stopped(container);
}

ContainerTree ContainerStorage::open_stopped(const Container& container) const {
  ContainerTree tree;
  tree.root =
      rootfs::mount_overlay({.lower = lower(container),
                             .upper = home(container) + "/upper",
                             .work = home(container) + "/work",
                             .durable = !container.host_config.auto_remove});
  std::vector<MountPoint> points = container.mounts;
  std::ranges::stable_sort(points, {}, [](const MountPoint& point) {
    return std::ranges::count(point.destination, '/');
  });
  for (const MountPoint& point : points) {
    if (point.type != "tmpfs") {
      tree.mounts.push_back({.destination = point.destination,
                             .handle = detached(data_root_, point)});
    }
  }
  if (container.host_config.readonly_rootfs) {
    must(rootfs::set_mount_attributes(tree.root.get(),
                                      {.set = MOUNT_ATTR_RDONLY},
                                      rootfs::Tree::one_mount),
         "mount the root read-only");
  }
  return tree;
}

sys::UniqueFd ContainerStorage::open_root(const Container& container) const {
  // The writable layer as one more to read: nothing is mounted twice for
  // writing, and a container that runs is not disturbed.
  std::vector<std::string> layers = lower(container);
  layers.insert(layers.begin(), home(container) + "/upper");
  return rootfs::mount_overlay(
      {.lower = std::move(layers), .upper = {}, .work = {}});
}

std::vector<std::string> ContainerStorage::written(
    const Container& container) const {
  std::vector<std::string> folders = {home(container) + "/upper"};
  for (const std::string& id : container.frozen) {
    folders.push_back(data_root_ + "/snapshots/" + id + "/fs");
  }
  return folders;
}

std::vector<sys::UniqueFd> ContainerStorage::open_changes(
    const Container& container) const {
  std::vector<sys::UniqueFd> all;
  for (const std::string& path : written(container)) {
    all.insert(all.begin(),
               must(sys::open(path.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW),
                    "open a writable layer of container " + container.id));
  }
  return all;
}

std::vector<rootfs::Change> ContainerStorage::changes(
    const Container& container) const {
  const auto mounted = [](std::vector<std::string> layers) {
    return rootfs::RootFd(rootfs::mount_overlay(
        {.lower = std::move(layers), .upper = {}, .work = {}}));
  };
  std::vector<std::string> below = lower(container);
  below.erase(below.begin(), below.begin() + static_cast<std::ptrdiff_t>(
                                                 container.frozen.size()));
  const rootfs::RootFd image = mounted(below);
  std::vector<std::vector<rootfs::Change>> steps;
  auto layers = open_changes(container);
  auto folders = written(container);
  std::ranges::reverse(folders);
  for (std::size_t i = 0; i < layers.size(); ++i) {
    steps.push_back(rootfs::overlay_changes(
        rootfs::RootFd(std::move(layers[i])), mounted(below)));
    below.insert(below.begin(), folders[i]);
  }
  return steps.size() == 1 ? std::move(steps.front())
                           : rootfs::net_changes(steps, mounted(below), image);
}

std::int64_t ContainerStorage::written_bytes(const Container& container) const {
  std::int64_t bytes = 0;
  for (sys::UniqueFd& layer : open_changes(container)) {
    bytes += rootfs::tree_size(rootfs::RootFd(std::move(layer)));
  }
  return bytes;
}

}  // namespace docker_cpp::daemon
