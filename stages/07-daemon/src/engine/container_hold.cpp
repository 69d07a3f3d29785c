// SPDX-License-Identifier: Apache-2.0
// A container that does not run may be held by one who works on its files. A
// start that comes meanwhile waits, and so does the next one who wants to.
#include <utility>

#include "container_actor.hpp"

namespace docker_cpp::daemon {
namespace {

/// What runs has one mount of its files, which all may use.
HoldPtr hold_of_running() {
  return std::make_shared<const Hold>();
}

}  // namespace

void ContainerActor::hold(Done<HoldPtr> done) {
  auto self = std::static_pointer_cast<ContainerActor>(shared_from_this());
  tell([self, done = std::move(done)]() mutable {
    self->files_.when_free([self, done = std::move(done)]() mutable {
      if (self->removed_) {
        done(std::unexpected(ApiError(ErrorCode::not_found,
                                      "No such container: " + self->now_.id)));
      } else if (self->is_running()) {
        done(hold_of_running());
      } else {
        self->files_.take();
        done(HoldPtr(new Hold(), [self](const Hold* hold) {
          delete hold;
          self->tell([self] { self->files_.let_go(); });
        }));
      }
    });
  });
}

}  // namespace docker_cpp::daemon
