// SPDX-License-Identifier: Apache-2.0
// A volume with options is a file system of its own (bind, tmpfs, nfs, a block
// device), mounted on the volume's folder as long as a container has it.
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "docker_cpp/daemon/api_error.hpp"
#include "docker_cpp/daemon/volume_manager.hpp"
#include "docker_cpp/rootfs/mount_api.hpp"
#include "docker_cpp/rootfs/mount_options.hpp"
#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::daemon {
namespace {

std::string option(const Labels& options, const std::string& key) {
  const auto found = options.find(key);
  return found == options.end() ? "" : found->second;
}

std::vector<std::string> words_of(const std::string& text) {
  std::vector<std::string> words;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    if (end != begin) {
      words.push_back(text.substr(begin, end - begin));
    }
    begin = end + 1;
  }
  return words;
}

bool is_mounted(int folder) {
  struct statx info{};
  return ::statx(folder, "", AT_EMPTY_PATH, STATX_TYPE, &info) == 0 &&
         (info.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
}

sys::Result<sys::UniqueFd> bound(const std::string& device,
                                 const rootfs::MountOptions& options) {
  auto source = sys::open(device.c_str(), O_PATH);
  if (!source) {
    return source;
  }
  auto tree =
      rootfs::clone_tree(source->get(), "",
                         options.recursive_bind ? rootfs::Tree::recursive
                                                : rootfs::Tree::one_mount);
  if (tree) {
    const auto set = rootfs::set_mount_attributes(
        tree->get(), {.set = options.attributes.set, .propagation = MS_PRIVATE},
        rootfs::Tree::one_mount);
    if (!set) {
      return std::unexpected(set.error());
    }
  }
  return tree;
}

sys::Result<sys::UniqueFd> made(const std::string& type,
                                const std::string& device,
                                const rootfs::MountOptions& options) {
  auto context = rootfs::fs_open(type.c_str());
  if (!context) {
    return context;
  }
  auto done = rootfs::fs_set(context->get(), "source", device.c_str());
  for (const rootfs::FsParameter& parameter : options.parameters) {
    if (done) {
      done =
          rootfs::fs_set(context->get(), parameter.key.c_str(),
                         parameter.value ? parameter.value->c_str() : nullptr);
    }
  }
  if (done) {
    done = rootfs::fs_create(context->get());
  }
  return done ? rootfs::fs_mount(context->get(), options.attributes.set)
              : sys::Result<sys::UniqueFd>(std::unexpected(done.error()));
}

}  // namespace

bool VolumeManager::attach(const std::string& name) {
  const auto volume = find(name);
  if (!volume || !volume->options.contains("type")) {
    return false;
  }
  const sys::UniqueFd folder =
      must(sys::open(volume->mountpoint.c_str(), O_PATH | O_DIRECTORY),
           "open the volume " + name);
  if (is_mounted(folder.get())) {
    return false;
  }
  const std::string type = option(volume->options, "type");
  const std::string device = option(volume->options, "device");
  const std::string words = option(volume->options, "o");
  const auto refuse = [&](const std::string& why) {
    return ApiError(ErrorCode::internal,
                    "failed to mount local volume: mount " + device + ":" +
                        volume->mountpoint + ", data: " + words + ": " + why);
  };
  const auto options = rootfs::parse_mount_options(words_of(words));
  if (!options) {
    throw refuse(options.error());
  }
  const bool bind = options->bind || options->recursive_bind || type == "bind";
  const auto tree =
      bind ? bound(device, *options) : made(type, device, *options);
  if (!tree) {
    throw refuse(std::strerror(tree.error().code));
  }
  if (const auto on = rootfs::attach_mount(tree->get(), folder.get()); !on) {
    throw refuse(std::strerror(on.error().code));
  }
  return true;
}

void VolumeManager::detach(const std::string& name) noexcept {
  const std::string folder = path(name) + "/_data";
  const auto opened = sys::open(folder.c_str(), O_PATH | O_DIRECTORY);
  if (opened && is_mounted(opened->get())) {
    ::umount2(folder.c_str(), MNT_DETACH | UMOUNT_NOFOLLOW);
  }
}

}  // namespace docker_cpp::daemon
