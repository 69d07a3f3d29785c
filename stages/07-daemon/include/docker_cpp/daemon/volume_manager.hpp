// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "docker_cpp/daemon/model.hpp"

namespace docker_cpp::daemon {

/// A volume of the driver `local`, the only one there is.
struct Volume {
  std::string name;
  std::string mountpoint;  ///< the folder with its files
  Labels labels;
  Labels options;  ///< "type", "o", "device": a file system to be mounted
  Time created;
  bool anonymous = false;
};

struct VolumeRequest {
  std::string name;  ///< empty: 64 hex digits, and it is anonymous
  std::string driver = "local";
  Labels labels;
  Labels options;
};

/// The volumes of a data root: <data-root>/volumes/<name>/{record,_data}.
///
/// The folder is the truth; several managers may stand on one folder, changes
/// are made one at a time across all of them. Thread safe.
class VolumeManager {
 public:
  explicit VolumeManager(std::string folder) : folder_(std::move(folder)) {}

  struct Outcome {
    Volume volume;
    bool fresh = false;  ///< it was not there before
  };
  /// One that is there stays as it is. Durable when it returns.
  /// \throws ApiError for a bad name, driver or option; Error
  Outcome create(const VolumeRequest& request);

  [[nodiscard]] std::optional<Volume> find(const std::string& name) const;
  /// By name. What has no proper record is left out; see damaged().
  [[nodiscard]] std::vector<Volume> list() const;
  /// Names of the folders whose record is missing or damaged.
  [[nodiscard]] std::vector<std::string> damaged() const;

  /// With all that is in it. `users` are the ids of the containers that have
  /// it, asked for while nobody can make another one.
  /// \throws ApiError not_found; conflict when there are users
  void remove(const std::string& name, const std::function<Strings()>& users);

  /// A new name for a volume that nobody uses; its files stay where they are
  /// on their disk. \throws ApiError
  void rename(const std::string& from, const std::string& to,
              const std::function<Strings()>& users);

  /// Bytes of its files.
  [[nodiscard]] std::int64_t size(const Volume& volume) const;

  /// Makes the volume of a mount point when it is not there, names an
  /// anonymous one, and fills in the mount point's source. Returns whether it
  /// is new.
  bool resolve(MountPoint& mount, const VolumeRequest& request = {});

  /// Removes a volume with its content, if it is one that resolve() named:
  /// nobody else can know it.
  void remove_anonymous(const std::string& name);

  /// Mounts the file system of a volume's options on its folder, if it has
  /// any and it is not mounted. \returns whether it did
  /// \throws ApiError naming the options
  bool attach(const std::string& name);
  /// Undoes that; files in use stay until they are closed.
  void detach(const std::string& name) noexcept;

 private:
  [[nodiscard]] std::string path(const std::string& name) const {
    return folder_ + "/" + name;
  }
  [[nodiscard]] std::optional<Volume> read(const std::string& name) const;
  void write(const Volume& volume) const;

  std::string folder_;
};

/// What the image holds where an empty volume is mounted goes into it.
/// `image` is the handle of the image's root. \throws Error
void fill_volume(int image, const MountPoint& mount);

}  // namespace docker_cpp::daemon
