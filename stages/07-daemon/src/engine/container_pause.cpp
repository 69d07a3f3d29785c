// SPDX-License-Identifier: Apache-2.0
#include <cerrno>

#include "answer.hpp"
#include "container_actor.hpp"

#include "docker_cpp/cgroups/cgroup.hpp"
#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/failpoint.hpp"

namespace docker_cpp::daemon {
namespace {

/// False when it is gone: the container has ended, and its monitor's word of
/// that is still on its way.
bool freeze(const std::string& cgroup) {
  try {
    cgroups::Cgroup::open(cgroup).freeze();
    return true;
  } catch (const Error& error) {
    if (const int why = error.code().value(); why == ENOENT || why == ENODEV) {
      return false;
    }
    throw;
  }
}

}  // namespace

void ContainerActor::pause(Done<void> done) {
  tell([this, done = std::move(done)]() mutable {
    answer(done, [&] {
      if (now_.state == State::paused) {
        throw ApiError(ErrorCode::conflict,
                       "Container " + now_.id + " is already paused");
      }
      if (now_.state != State::running) {
        refuse_not_running();
      }
      DOCKER_CPP_FAILPOINT("container.pause.begin");
      if (!freeze(cgroup())) {
        refuse_not_running();
      }
      DOCKER_CPP_FAILPOINT("container.pause.frozen");
      enter(State::paused);
      end_health();
      publish();
      store_run();
      emit("pause");
    });
  });
}

void ContainerActor::unpause(Done<void> done) {
  tell([this, done = std::move(done)]() mutable {
    answer(done, [&] {
      if (now_.state != State::paused) {
        throw ApiError(ErrorCode::conflict,
                       "Container " + now_.id + " is not paused");
      }
      cgroups::Cgroup::open(cgroup()).thaw();
      enter(State::running);
      begin_health();
      publish();
      store_run();
      emit("unpause");
    });
  });
}

}  // namespace docker_cpp::daemon
