// SPDX-License-Identifier: Apache-2.0
#include <csignal>
#include <utility>

#include "container_actor.hpp"
#include "container_volumes.hpp"
#include "leftover_cgroup.hpp"

#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/failpoint.hpp"

namespace docker_cpp::daemon {
namespace {

using std::chrono::milliseconds;

// Docker's: 100 ms, doubled each time, at most a minute, and from the
// beginning again for a container that ran for ten seconds.
constexpr milliseconds first_backoff(100);
constexpr milliseconds longest_backoff(60'000);
constexpr milliseconds steady_run(10'000);

constexpr int killed = 128 + SIGKILL;

Time from_nanoseconds(std::int64_t count) {
  return Time(std::chrono::duration_cast<Time::duration>(
      std::chrono::nanoseconds(count)));
}

}  // namespace

void ContainerActor::listen() {
  const auto self =
      std::static_pointer_cast<ContainerActor>(shared_from_this());
  monitor_->listen(executor(), [self, run = run_](monitor::Packet packet) {
    self->tell([self, run, packet = std::move(packet)]() mutable {
      self->on_packet(run, std::move(packet));
    });
  });
}

void ContainerActor::on_packet(unsigned run, monitor::Packet packet) {
  if (run != run_ || !is_running()) {
    return;  // of a life that has been settled
  }
  std::string_view words = packet.rest();
  if (packet.verb() == "oom") {
    now_.oom_killed = true;
    publish();
    emit("oom");
  } else if (packet.verb() == "exited") {
    const auto code = static_cast<int>(monitor::take_number(words));
    const bool oom = monitor::take_number(words) != 0;
    exited(code, oom, from_nanoseconds(monitor::take_number(words)));
  } else if (packet.ended()) {
    on_monitor_lost();
  }
}

/// Killed, most likely: nobody keeps the container's streams or its exit code
/// any more, so it ends too.
void ContainerActor::on_monitor_lost() {
  if (read_exit_file()) {
    return;
  }
  context_.warn("the monitor of container " + now_.id +
                " ended unexpectedly: the container was killed");
  now_.error = "the container's monitor ended unexpectedly";
  release_cgroup();
  exited(killed, false, std::chrono::system_clock::now());
}

// [exited]
void ContainerActor::exited(int code, bool oom, Time when) {
  now_.exit_code = code;
  now_.oom_killed = now_.oom_killed || oom;
  now_.finished_at = when;
  now_.pid = 0;
  end_health();
  for (auto& [id, monitor] : std::exchange(exec_monitors_, {})) {
    exec_ended(id, killed);
  }
  now_.exec_ids.clear();
  if (!now_.ports.empty()) {
    release_network();  // whoever waits may want the port
  }
  const bool again = wants_restart();
  enter(State::exited);
  if (again) {
    enter(State::restarting);
  }
  publish();
  emit("die", {{"exitCode", std::to_string(code)}});
  const WaitResult result{.exit_code = code, .error = ""};
  if (removing_.empty() && !now_.host_config.auto_remove) {
    store_quietly();
  }
  waiters_.ended(result);
  release_run(true);
  if (!stopping_.empty()) {
    emit("stop");
    answer_stopped();
  }
  if (!removing_.empty() || now_.host_config.auto_remove) {
    remove_now(remove_volumes_ || now_.host_config.auto_remove);
  } else if (again) {
    schedule_restart();
  }
}
// [exited]

bool ContainerActor::has_restart_policy() const {
  const std::string& name = now_.host_config.restart_policy.name;
  return !name.empty() && name != "no" && !now_.host_config.auto_remove;
}

bool ContainerActor::wants_restart() const {
  const RestartPolicy& policy = now_.host_config.restart_policy;
  if (now_.stopped_by_user || now_.host_config.auto_remove ||
      !removing_.empty()) {
    return false;
  }
  if (policy.name == "always" || policy.name == "unless-stopped") {
    return true;
  }
  return policy.name == "on-failure" && now_.exit_code != 0 &&
         (policy.maximum_retry_count == 0 ||
          now_.restart_count < policy.maximum_retry_count);
}

void ContainerActor::schedule_restart() {
  const bool steady = Clock::now() - began_ >= steady_run;
  backoff_ = steady || backoff_ == milliseconds(0)
                 ? first_backoff
                 : std::min(backoff_ * 2, longest_backoff);
  restart_timer_ = tell_after(backoff_, [this] {
    if (now_.state != State::restarting) {
      return;
    }
    ++now_.restart_count;
    try {
      start_now();
      store_quietly();
    } catch (const std::exception& error) {
      context_.warn("restart container " + now_.id + ": " + error.what());
    }
  });
}

/// What belongs to one run of the container. The monitor closes the streams of
/// those attached when it hears that its message was taken.
void ContainerActor::release_run(bool monitor_listens) {
  release_network();
  unmount_volumes(context_, now_);
  if (const auto monitor = std::exchange(monitor_, nullptr)) {
    monitor->send("taken");
    if (!monitor_listens) {
      monitor->abandon();
    }
  }
  try {
    remove_folder(context_.folders.run(now_.id));
  } catch (const std::exception& error) {
    context_.warn(error.what());
  }
}

void ContainerActor::release_cgroup() const noexcept {
  release_leftover_cgroup(cgroup());
}

}  // namespace docker_cpp::daemon
