// SPDX-License-Identifier: Apache-2.0
// The writable layer of a container that does not run becomes one to stand on,
// and an empty one takes its place.
#include "answer.hpp"
#include "container_actor.hpp"

#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/failpoint.hpp"

namespace docker_cpp::daemon {

void ContainerActor::require_files_at_rest() const {
  if (removed_ || now_.state == State::removing || now_.state == State::dead) {
    throw ApiError(ErrorCode::not_found, "No such container: " + now_.id);
  }
  if (is_running()) {
    throw ApiError(ErrorCode::conflict,
                   "Container " + now_.id + " is running: stop it before");
  }
}

void ContainerActor::set_frozen(Strings layers) {
  const Strings before = std::exchange(now_.frozen, std::move(layers));
  try {
    store(Durability::durable);
  } catch (...) {
    now_.frozen = before;
    throw;
  }
  publish();
}

/// The record names the new layer while that is still empty: whether a crash
/// comes before the two change places or after, the container's files are what
/// they were.
SnapshotStore::PendingPtr ContainerActor::freeze_now(const std::string& name) {
  const std::string home = context_.folders.container(now_.id);
  const auto pending = context_.frozen.begin(now_, home, name);
  set_frozen(pending->snapshot.layers);
  DOCKER_CPP_FAILPOINT("snapshot.recorded");
  context_.frozen.freeze(*pending, home);
  context_.frozen.finish(*pending);
  return pending;
}

void ContainerActor::freeze_files(std::string name,
                                  Done<SnapshotStore::PendingPtr> done) {
  tell([this, name = std::move(name), done = std::move(done)]() mutable {
    files_.when_free(
        [this, name = std::move(name), done = std::move(done)]() mutable {
          answer(done, [&] {
            require_files_at_rest();
            return freeze_now(name);
          });
        });
  });
}

/// What it has written goes aside first, so that one record decides.
void ContainerActor::restore_files(Snapshot snapshot, Done<void> done) {
  tell(
      [this, snapshot = std::move(snapshot), done = std::move(done)]() mutable {
        files_.when_free([this, snapshot = std::move(snapshot),
                          done = std::move(done)]() mutable {
          answer(done, [&] {
            require_files_at_rest();
            const auto now = freeze_now("");
            DOCKER_CPP_FAILPOINT("snapshot.restore");
            set_frozen(snapshot.layers);
            DOCKER_CPP_FAILPOINT("snapshot.restored");
            emit("restore", {{"snapshot", snapshot.name}});
          });
          context_.executor.blocking(
              [this_context = &context_] { this_context->collect_frozen(); });
        });
      });
}

}  // namespace docker_cpp::daemon
