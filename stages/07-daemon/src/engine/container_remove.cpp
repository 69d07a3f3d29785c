// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <utility>

#include "answer.hpp"
#include "container_actor.hpp"
#include "size_limit.hpp"

#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/failpoint.hpp"

namespace docker_cpp::daemon {

void ContainerActor::remove(RemoveOptions options, Done<void> done) {
  tell([this, options, done = std::move(done)]() mutable {
    if (removed_) {
      done(std::unexpected(
          ApiError(ErrorCode::not_found, "No such container: " + now_.id)));
      return;
    }
    if (!removing_.empty()) {
      done(std::unexpected(ApiError(
          ErrorCode::conflict,
          "removal of container " + now_.id + " is already in progress")));
      return;
    }
    const bool restarting = now_.state == State::restarting;
    if (is_running() || restarting) {
      remove_when_stopped(options, std::move(done));
      return;
    }
    answer(done, [&] { remove_now(options.volumes); });
  });
}

void ContainerActor::remove_when_stopped(RemoveOptions options,
                                         Done<void> done) {
  if (!options.force) {
    const std::string state(to_string(now_.state));
    done(std::unexpected(ApiError(
        ErrorCode::conflict,
        "cannot remove container \"/" + now_.name + "\": container is " +
            state + ": stop the container before removing or force remove")));
    return;
  }
  now_.stopped_by_user = true;
  remove_volumes_ = options.volumes;
  if (now_.state == State::restarting) {
    restart_timer_.cancel();
    answer(done, [&] { remove_now(options.volumes); });
    return;
  }
  removing_.push_back(std::move(done));
  signal(SIGKILL);
}

// [remove]
/// The moment of the removal is the rename: before it the container is there
/// whole, after it a restarted daemon finishes the work.
void ContainerActor::remove_now(bool volumes) {
  DOCKER_CPP_FAILPOINT("container.rm.begin");
  const std::string home = context_.folders.container(now_.id);
  const std::string doomed =
      context_.folders.containers() + "/.removing-" + now_.id;
  Outcome<void> outcome;
  try {
    enter(State::removing);
    publish();
    remove_folder(doomed);
    must(sys::check_void(::rename(home.c_str(), doomed.c_str()), "rename"),
         "remove the container " + now_.id);
    DOCKER_CPP_FAILPOINT("container.rm.renamed");
    if (!now_.host_config.auto_remove) {
      const auto all = open_folder(context_.folders.containers());
      must(sys::check_void(::fsync(all.get()), "fsync"),
           "remove the container " + now_.id);
    }
    removed_ = true;
    context_.registry.erase(now_.id);
    context_.execs.forget_container(now_.id);
  } catch (...) {
    outcome = std::unexpected(current_error());
    now_.error = outcome.error().what();
    enter(State::dead);
    publish();
  }
  waiters_.removed({.exit_code = now_.exit_code, .error = ""});
  attachments_.clear();
  for (Done<void>& done : std::exchange(removing_, {})) {
    done(outcome);
  }
  if (!outcome) {
    throw outcome.error();
  }
  emit("destroy");
  context_.forget(now_.id);
  try {
    remove_folder(context_.folders.run(now_.id));
    DOCKER_CPP_FAILPOINT("container.rm.answered");
    remove_folder(doomed);
    if (!now_.host_config.storage_options.empty()) {
      forget_limit(context_.folders.containers(), project_of(now_.id));
    }
    if (!context_.frozen.empty()) {
      context_.collect_frozen();
    }
    context_.release_images();
    if (volumes) {
      delete_volumes();
    }
  } catch (const std::exception& error) {
    context_.warn(error.what());
  }
}
// [remove]

void ContainerActor::delete_volumes() {
  for (const MountPoint& mount : now_.mounts) {
    if (mount.type == "volume") {
      context_.volumes.remove_anonymous(mount.name);
    }
  }
}

}  // namespace docker_cpp::daemon
