// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <utility>

#include "container_actor.hpp"
#include "monitor_time.hpp"

#include "docker_cpp/cgroups/cgroup.hpp"
#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/file.hpp"

namespace docker_cpp::daemon {
namespace {

constexpr std::chrono::seconds greeting_patience(5);

/// What the record says may be older than a freeze or a thaw.
bool is_frozen(const std::string& cgroup) {
  try {
    return cgroups::Cgroup::open(cgroup).frozen();
  } catch (const Error&) {
    return false;
  }
}

}  // namespace

void ContainerActor::recover() {
  const bool was_running = is_running();
  if (reconnect() || read_exit_file()) {
    return;
  }
  const bool had_run =
      ::access(context_.folders.run(now_.id).c_str(), F_OK) == 0;
  // No monitor and no exit code: it does not run, or never began, or both died
  // at once. Only then there is a folder of the run.
  if (had_run) {
    release_cgroup();
  }
  if (was_running) {
    // Docker's code for a container that the machine took down with it.
    constexpr int machine_went_down = 255;
    now_.error = had_run
                     ? "the container's monitor ended while the daemon was away"
                     : "";
    exited(had_run ? 137 : machine_went_down, false,
           std::chrono::system_clock::now());
    return;
  }
  release_run(false);
  if (now_.state == State::restarting) {
    schedule_restart();
  } else if (now_.state == State::removing || now_.state == State::dead ||
             now_.host_config.auto_remove) {
    now_.state = State::exited;
    remove_now(now_.host_config.auto_remove);
  }
}

bool ContainerActor::reconnect() {
  const auto monitor = MonitorClient::reconnect(context_.folders.run(now_.id));
  if (!monitor) {
    return false;
  }
  monitor::Packet greeting = monitor->expect(greeting_patience);
  std::string_view words = greeting.rest();
  if (greeting.verb() == "running") {
    const auto pid = static_cast<pid_t>(monitor::take_number(words));
    now_.started_at = time_of(words);
    now_.oom_killed = monitor::take_number(words) != 0;
    now_.pid = pid;
    now_.state = is_frozen(cgroup()) ? State::paused : State::running;
    began_ = Clock::now();
  } else if (greeting.verb() == "exited") {
    now_.state = State::running;
  } else {
    return false;
  }
  ++run_;
  monitor_ = monitor;
  adopt_endpoints();
  publish();
  if (greeting.verb() == "exited") {
    on_packet(run_, std::move(greeting));
  } else {
    listen();
    if (now_.state == State::running) {
      begin_health();
    }
  }
  return true;
}

/// What a monitor left that found no daemon to tell.
bool ContainerActor::read_exit_file() {
  const std::string path = context_.folders.run(now_.id) + "/exit";
  const auto text = sys::read_file(path.c_str());
  if (!text) {
    return false;
  }
  std::string_view words = *text;
  const auto code = static_cast<int>(monitor::take_number(words));
  const bool oom = monitor::take_number(words) != 0;
  now_.state = State::running;
  exited(code, oom, time_of(words));
  return true;
}

void ContainerActor::autostart() {
  tell([this] {
    const std::string& policy = now_.host_config.restart_policy.name;
    const bool wanted = policy == "always" ||
                        (policy == "unless-stopped" && !now_.stopped_by_user);
    if (!wanted || now_.state != State::exited) {
      return;
    }
    try {
      start_now();
      store_quietly();
    } catch (const std::exception& error) {
      context_.warn("start container " + now_.id + ": " + error.what());
    }
  });
}

}  // namespace docker_cpp::daemon
