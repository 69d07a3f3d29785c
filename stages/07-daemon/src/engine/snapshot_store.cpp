// SPDX-License-Identifier: Apache-2.0
#include "snapshot_store.hpp"

#include <stdio.h>
#include <unistd.h>

#include <algorithm>

#include <nlohmann/json.hpp>

#include "../json_fields.hpp"
#include "folders.hpp"
#include "identifiers.hpp"
#include "size_limit.hpp"

#include "docker_cpp/daemon/model_json.hpp"
#include "docker_cpp/daemon/record.hpp"
#include "docker_cpp/rootfs/frozen_layer.hpp"
#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/failpoint.hpp"

namespace docker_cpp::daemon {
namespace {

constexpr std::string_view removing = ".removing-";
/// overlayfs stacks 500 at most, and an image may have 127.
constexpr std::size_t most_layers = 200;

std::string print(const Snapshot& snapshot) {
  return dump({{"Id", snapshot.id},
               {"Name", snapshot.name},
               {"Container", snapshot.container},
               {"Created", format_time(snapshot.created)},
               {"Layers", snapshot.layers}});
}

Snapshot parse(std::string_view text) {
  const nlohmann::json parsed = parse_json(text);
  const Fields fields(parsed, "Snapshot");
  Snapshot snapshot;
  std::string created;
  fields.read("Id", snapshot.id);
  fields.read("Name", snapshot.name);
  fields.read("Container", snapshot.container);
  fields.read("Created", created);
  fields.read("Layers", snapshot.layers);
  if (const auto time = parse_time(created)) {
    snapshot.created = *time;
  }
  return snapshot;
}

bool is_stopped(const Container& container) {
  return container.state != State::running && container.state != State::paused;
}

rootfs::RootFd open_layer(const std::string& path) {
  return must(rootfs::RootFd::of(path), "open the layer " + path);
}

}  // namespace

SnapshotStore::Pending::~Pending() {
  store_.release(snapshot.id);
}

SnapshotStore::SnapshotStore(std::string folder) : folder_(std::move(folder)) {
  make_folder(folder_, 0710);
  const auto names = must(open_layer(folder_).list("/"), "list " + folder_);
  for (const std::string& name : names) {
    if (name.starts_with(removing)) {
      remove_folder(folder_ + "/" + name);
    } else {
      read(name);
    }
  }
}

void SnapshotStore::read(const std::string& id) {
  const auto record = read_record(open_folder(path(id)).get(), "record");
  if (record) {
    try {
      Snapshot snapshot = parse(*record);
      if (snapshot.id == id) {
        all_[id] = std::move(snapshot);
        return;
      }
    } catch (const ApiError&) {  // NOLINT(bugprone-empty-catch)
      // Told below.
    }
  } else if (record.error().kind == RecordProblem::Kind::missing) {
    remove_folder(path(id));  // it was never begun
    return;
  }
  problems_.push_back("the record of the snapshot " + id +
                      " is damaged: its files are left alone");
}

void SnapshotStore::write(const Snapshot& snapshot) const {
  write_record(open_folder(path(snapshot.id)).get(), "record", print(snapshot));
}

void SnapshotStore::release(const std::string& id) {
  const std::lock_guard lock(mutex_);
  pending_.erase(id);
}

SnapshotStore::PendingPtr SnapshotStore::begin(const Container& container,
                                               const std::string& home,
                                               const std::string& name) {
  if (container.own_root) {
    throw ApiError(ErrorCode::conflict,
                   "Container " + container.id + " is a step of a build");
  }
  if (container.frozen.size() >= most_layers) {
    throw ApiError(ErrorCode::conflict,
                   "Container " + container.id + " stands on " +
                       std::to_string(most_layers) +
                       " snapshots: make an image of it (commit), and go on "
                       "with that");
  }
  if (!name.empty()) {
    check_name(name);
  }
  Snapshot made{.id = new_id(),
                .name = name,
                .container = container.id,
                .created = std::chrono::system_clock::now(),
                .layers = container.frozen};
  made.layers.insert(made.layers.begin(), made.id);
  auto pending = std::make_shared<Pending>(*this, made);
  {
    const std::lock_guard lock(mutex_);
    const auto taken = [&](const Snapshot& other) {
      const auto making = pending_.find(other.id);
      return other.container == container.id &&
             (making == pending_.end() ? other.name : making->second) == name;
    };
    if (!name.empty() && std::ranges::any_of(all_, [&](const auto& one) {
          return taken(one.second);
        })) {
      throw ApiError(ErrorCode::conflict,
                     "Container " + container.name + " has a snapshot " + name);
    }
    pending_[made.id] = name;
    made.name.clear();
    all_[made.id] = made;
  }
  DOCKER_CPP_FAILPOINT("snapshot.begin");
  make_folder(path(made.id), 0710);
  make_folder(path(made.id) + "/fs", 0755);
  rootfs::copy_top(open_layer(home + "/fs/upper"),
                   open_layer(path(made.id) + "/fs"));
  if (is_stopped(container)) {  // it will be the writable one
    limit_layer(container, path(made.id) + "/fs");
  }
  write(made);
  must(sys::check_void(::fsync(open_folder(folder_).get()), "fsync"),
       "make a snapshot");
  DOCKER_CPP_FAILPOINT("snapshot.begun");
  return pending;
}

void SnapshotStore::freeze(const Pending& pending,
                           const std::string& home) const {
  rootfs::freeze_layer(open_folder(home + "/fs").get(),
                       open_folder(path(pending.snapshot.id)).get());
  DOCKER_CPP_FAILPOINT("snapshot.frozen");
}

void SnapshotStore::copy(const Pending& pending,
                         const std::string& home) const {
  rootfs::copy_layer(open_layer(home + "/fs/upper"),
                     open_layer(path(pending.snapshot.id) + "/fs"));
  DOCKER_CPP_FAILPOINT("snapshot.copied");
}

void SnapshotStore::finish(const Pending& pending) {
  // What was written to the layer may be in memory only as yet.
  must(sys::check_void(::syncfs(open_folder(path(pending.snapshot.id)).get()),
                       "syncfs"),
       "make the snapshot durable");
  if (!pending.snapshot.name.empty()) {
    write(pending.snapshot);
  }
  DOCKER_CPP_FAILPOINT("snapshot.finished");
  const std::lock_guard lock(mutex_);
  all_[pending.snapshot.id] = pending.snapshot;
}

std::optional<Snapshot> SnapshotStore::find(const std::string& container,
                                            const std::string& ref) const {
  const std::lock_guard lock(mutex_);
  std::optional<Snapshot> found;
  for (const auto& [id, one] : all_) {
    if (one.container != container || one.name.empty()) {
      continue;
    }
    if (one.name == ref || id == ref) {
      return one;
    }
    if (!ref.empty() && id.starts_with(ref)) {
      found = one;
    }
  }
  return found;
}

std::vector<Snapshot> SnapshotStore::list() const {
  std::vector<Snapshot> named;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [id, one] : all_) {
      if (!one.name.empty()) {
        named.push_back(one);
      }
    }
  }
  std::ranges::sort(named, {}, &Snapshot::created);
  return named;
}

void SnapshotStore::forget(const Snapshot& snapshot) {
  const std::lock_guard lock(mutex_);
  const auto found = all_.find(snapshot.id);
  if (found != all_.end()) {
    Snapshot nameless = found->second;
    nameless.name.clear();
    DOCKER_CPP_FAILPOINT("snapshot.forget");
    write(nameless);
    DOCKER_CPP_FAILPOINT("snapshot.forgotten");
    found->second = std::move(nameless);
  }
}

bool SnapshotStore::empty() const {
  const std::lock_guard lock(mutex_);
  return all_.empty();
}

Strings SnapshotStore::unused(const Used& used) const {
  std::set<std::string> needed(used.layers.begin(), used.layers.end());
  for (const auto& [id, one] : all_) {
    const bool named =
        !one.name.empty() && used.containers.contains(one.container);
    if (named || pending_.contains(id)) {
      needed.insert(one.layers.begin(), one.layers.end());
    }
  }
  Strings doomed;
  for (const auto& [id, one] : all_) {
    if (!needed.contains(id)) {
      doomed.push_back(id);
    }
  }
  return doomed;
}

void SnapshotStore::collect(const std::function<std::optional<Used>()>& used) {
  Strings doomed;
  {
    const std::lock_guard lock(mutex_);
    const auto known = used();
    if (!known) {
      return;
    }
    doomed = unused(*known);
    for (const std::string& id : doomed) {
      all_.erase(id);
    }
  }
  for (const std::string& id : doomed) {
    const std::string aside = folder_ + "/" + std::string(removing) + id;
    if (::rename(path(id).c_str(), aside.c_str()) == 0) {
      DOCKER_CPP_FAILPOINT("snapshot.removing");
      remove_folder(aside);
    }
  }
}

}  // namespace docker_cpp::daemon
