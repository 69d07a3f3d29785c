// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "docker_cpp/daemon/model.hpp"
#include "docker_cpp/rootfs/changes.hpp"
#include "docker_cpp/sys/unique_fd.hpp"

namespace docker_cpp::images {
class ImageStore;
}

namespace docker_cpp::daemon {

/// A container's files, as handles: what the worker is given.
struct ContainerTree {
  struct Mount {
    std::string destination;
    sys::UniqueFd handle;  ///< detached
  };
  sys::UniqueFd root;
  std::vector<Mount> mounts;  ///< outer ones first; none when it runs
};

/// The files of containers, whether they run or not. Thread safe; whoever
/// changes the files of one that does not run holds it (ContainerRuntime::
/// hold), because two mounts of one writable layer do not know of each other.
class ContainerStorage {
 public:
  ContainerStorage(images::ImageStore& images, std::string data_root)
      : images_(images), data_root_(std::move(data_root)) {}

  /// With its mounts: of one that runs, as its first process sees them.
  /// \throws ApiError, Error
  [[nodiscard]] ContainerTree open(const Container& container) const;

  /// The root alone, to be read: image and writable layer.
  [[nodiscard]] sys::UniqueFd open_root(const Container& container) const;

  /// What lies over the image, as overlayfs keeps it: the writable layer, and
  /// below it those that were frozen. The lowest first.
  [[nodiscard]] std::vector<sys::UniqueFd> open_changes(
      const Container& container) const;

  [[nodiscard]] std::vector<rootfs::Change> changes(
      const Container& container) const;

  /// Bytes of the files over the image.
  [[nodiscard]] std::int64_t written_bytes(const Container& container) const;

 private:
  /// Their folders, the top one first.
  [[nodiscard]] std::vector<std::string> written(
      const Container& container) const;
  [[nodiscard]] std::string home(const Container& container) const;
  [[nodiscard]] std::vector<std::string> lower(
      const Container& container) const;
  [[nodiscard]] ContainerTree open_stopped(const Container& container) const;

  images::ImageStore& images_;
  std::string data_root_;
};

}  // namespace docker_cpp::daemon
