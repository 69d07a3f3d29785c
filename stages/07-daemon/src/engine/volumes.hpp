// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <mutex>
#include <string>

#include "docker_cpp/daemon/model.hpp"
#include "docker_cpp/sys/unique_fd.hpp"

namespace docker_cpp::daemon {

/// The local volumes: <data-root>/volumes/<name>/{record,_data}. Thread safe.
class VolumeStore {
 public:
  explicit VolumeStore(std::string folder) : folder_(std::move(folder)) {}

  /// Makes the volume of a mount point when it is not there, names an
  /// anonymous one, and fills in the mount point's source. Returns whether it
  /// is new. \throws ApiError for a bad name, Error
  bool resolve(MountPoint& mount);

  /// Removes a volume with its content, if it is one that resolve() named:
  /// nobody else can know it.
  void remove_anonymous(const std::string& name);

 private:
  const std::string folder_;
  std::mutex mutex_;
};

/// What the image holds where an empty volume is mounted goes into it.
/// `image` is the handle of the image's root. \throws Error
void fill_volume(int image, const MountPoint& mount);

}  // namespace docker_cpp::daemon
