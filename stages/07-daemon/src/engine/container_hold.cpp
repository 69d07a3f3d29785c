// SPDX-License-Identifier: Apache-2.0
// A container that does not run may be held by one who works on its files. A
// start that comes meanwhile waits, and so does the next one who wants to.
#include <utility>

#include "container_actor.hpp"

namespace docker_cpp::daemon {

void ContainerActor::hold(Done<HoldPtr> done) {
  tell([this, done = std::move(done)]() mutable {
    when_free([this, done = std::move(done)]() mutable {
      if (removed_) {
        done(std::unexpected(
            ApiError(ErrorCode::not_found, "No such container: " + now_.id)));
        return;
      }
      done(take_hold());
    });
  });
}

/// The hold that a running container's files need is none.
HoldPtr ContainerActor::take_hold() {
  if (is_running()) {
    return std::make_shared<Hold>();
  }
  held_ = true;
  auto self = std::static_pointer_cast<ContainerActor>(shared_from_this());
  return {new Hold(), [self](const Hold* hold) {
            delete hold;
            self->tell([self] { self->let_go(); });
          }};
}

void ContainerActor::when_free(Task work) {
  if (held_) {
    waiting_for_files_.push_back(std::move(work));
  } else {
    work();
  }
}

void ContainerActor::let_go() {
  held_ = false;
  std::deque<Task> waiting = std::exchange(waiting_for_files_, {});
  while (!waiting.empty()) {
    Task next = std::move(waiting.front());
    waiting.pop_front();
    when_free(std::move(next));
  }
}

}  // namespace docker_cpp::daemon
