// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "docker_cpp/daemon/snapshots.hpp"

namespace docker_cpp::daemon {

/// Frozen layers on disk: <data-root>/snapshots/<id>/{record,fs/}, see
/// docs/formats/snapshot-record.md. Those with a name are somebody's; the
/// others are there because containers stand on them. Thread safe.
class SnapshotStore {
 public:
  explicit SnapshotStore(std::string folder);

  /// One that is being made: not collected as long as this lives.
  class Pending {
   public:
    Pending(SnapshotStore& store, Snapshot made)
        : snapshot(std::move(made)), store_(store) {}
    ~Pending();
    Pending(const Pending&) = delete;
    Pending& operator=(const Pending&) = delete;

    Snapshot snapshot;

   private:
    SnapshotStore& store_;
  };
  using PendingPtr = std::shared_ptr<Pending>;

  /// Makes the folder of a new one, empty but for what the top of the
  /// container's layer (`home`/fs/upper) looks like, and its record without a
  /// name. \throws ApiError when the name is no name or taken
  PendingPtr begin(const Container& container, const std::string& home,
                   const std::string& name);
  /// The layer goes into it, and an empty one takes its place. The container's
  /// record must name the snapshot before: until this it is an empty layer.
  void freeze(const Pending& pending, const std::string& home) const;
  /// The layer is copied into it.
  void copy(const Pending& pending, const std::string& home) const;
  /// Now it is there. Durable, content included.
  void finish(const Pending& pending);

  /// By name, or by id or the start of one; of that container.
  [[nodiscard]] std::optional<Snapshot> find(const std::string& container,
                                             const std::string& ref) const;
  /// Those with a name, oldest first.
  [[nodiscard]] std::vector<Snapshot> list() const;
  /// Takes its name away; its layer stays as long as anything stands on it.
  void forget(const Snapshot& snapshot);
  [[nodiscard]] bool empty() const;

  struct Used {
    std::set<std::string> containers;  ///< the ids of those that there are
    Strings layers;                    ///< that they stand on
  };
  /// Removes the layers that nobody stands on, neither a container nor a named
  /// snapshot of one that is still there. Nothing when it is not known.
  void collect(const std::function<std::optional<Used>()>& used);
  /// What could not be read at start-up, a sentence each.
  [[nodiscard]] const Strings& problems() const { return problems_; }

 private:
  [[nodiscard]] std::string path(const std::string& id) const {
    return folder_ + "/" + id;
  }
  void read(const std::string& id);
  void write(const Snapshot& snapshot) const;
  void release(const std::string& id);
  [[nodiscard]] Strings unused(const Used& used) const;

  std::string folder_;
  mutable std::mutex mutex_;
  std::map<std::string, Snapshot> all_;
  std::map<std::string, std::string> pending_;  ///< id to its name
  Strings problems_;
};

}  // namespace docker_cpp::daemon
