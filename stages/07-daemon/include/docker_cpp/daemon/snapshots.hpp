// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "docker_cpp/daemon/container_runtime.hpp"

namespace docker_cpp::daemon {

/// The files of a container, as they were at one moment: its writable layer
/// then, which stands on those of earlier moments and on the image.
struct Snapshot {
  std::string id;         ///< 64 hex digits
  std::string name;       ///< of the container's; empty: of a clone only
  std::string container;  ///< the id of whose files they were
  Time created;
  Strings layers;  ///< ids of the frozen layers, the top one first
};

struct CloneRequest {
  std::string name;      ///< of the new container; empty: one is made up
  std::string snapshot;  ///< empty: as it is now
};

/// Snapshots and clones of containers. Of one that does not run they are made
/// at once, whatever was written, for its writable layer is frozen and it
/// gets an empty one; of one that runs, or is paused, the layer is copied while
/// it stands still, without a byte where the file system shares blocks. Thread
/// safe.
class Snapshots {
 public:
  virtual ~Snapshots() = default;

  /// Durable when it answers. An empty name: the id's first digits.
  virtual void create(std::string_view ref, std::string name,
                      Done<Snapshot> done) = 0;
  /// The files become those of the snapshot; what was written since is gone.
  /// Of a container that does not run.
  virtual void restore(std::string_view ref, std::string snapshot,
                       Done<void> done) = 0;
  virtual void remove(std::string_view ref, std::string snapshot,
                      Done<void> done) = 0;
  /// A new container with the files and the description of this one. It has
  /// its own address, and anonymous volumes of its own.
  virtual void clone(std::string_view ref, CloneRequest request,
                     Done<Created> done) = 0;
  /// Oldest first; of all containers when `ref` is empty. \throws ApiError
  [[nodiscard]] virtual std::vector<Snapshot> list(
      std::string_view ref) const = 0;
};

}  // namespace docker_cpp::daemon
