// SPDX-License-Identifier: Apache-2.0
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <utility>

#include "answer.hpp"
#include "container_actor.hpp"
#include "exec_event.hpp"
#include "health_check.hpp"
#include "identifiers.hpp"

/// Health checks, as Docker runs them: a command in the container, again and
/// again, each an exec session like any other, so that what it uses is charged
/// to the container.
namespace docker_cpp::daemon {
namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;
using std::chrono::system_clock;

constexpr std::size_t log_entries = 5;
constexpr std::size_t longest_output = 4096;
/// More than that of the framed stream is read, but not kept.
constexpr std::size_t longest_raw = std::size_t{4} * longest_output;

constexpr std::string_view restart_label = "docker-cpp.restart-unhealthy";

}  // namespace

/// One run of the check. Its output is gathered on the event loop; the actor
/// looks at it when the stream has ended.
struct ContainerActor::Probe {
  std::string exec_id;
  system_clock::time_point start = system_clock::now();
  sys::UniqueFd stream;
  std::string raw;
  FdWatch watch;
  Timer timeout;
};

void ContainerActor::begin_health() {
  health_timer_.cancel();
  probe_.reset();
  if (!now_.config.healthcheck || is_disabled(*now_.config.healthcheck)) {
    now_.health.reset();
    return;
  }
  if (!now_.health) {
    now_.health.emplace();
  }
  schedule_probe();
}

/// Docker says unhealthy of what is not watched any more.
void ContainerActor::end_health() {
  health_timer_.cancel();
  probe_.reset();
  if (now_.health) {
    now_.health->status = "unhealthy";
  }
}

void ContainerActor::schedule_probe() {
  const HealthTimes times = times_of(*now_.config.healthcheck);
  const bool starting =
      now_.health->status == "starting" &&
      system_clock::now() - now_.started_at < times.start_period;
  health_timer_ = tell_after(starting ? times.start_interval : times.interval,
                             [this] { probe(); });
}

void ContainerActor::probe() {
  if (now_.state != State::running || !now_.health || probe_) {
    return;
  }
  auto probe = std::make_shared<Probe>();
  probe->exec_id = new_id();
  const Exec exec{.id = probe->exec_id,
                  .container_id = now_.id,
                  .args = probe_command(now_.config),
                  .attach_stdout = true,
                  .attach_stderr = true,
                  .started = true,
                  .running = true};
  context_.execs.insert(exec);
  emit(exec_action("exec_create", exec), {{"execID", exec.id}});
  emit(exec_action("exec_start", exec), {{"execID", exec.id}});
  try {
    probe->stream = launch_exec(exec, true);
  } catch (...) {
    const ApiError why = current_error();
    exec_ended(exec.id, 126);
    context_.execs.forget(exec.id);
    judge({.start = probe->start,
           .end = system_clock::now(),
           .exit_code = -1,
           .output = why.what()});
    return;
  }
  probe_ = probe;
  const auto self =
      std::static_pointer_cast<ContainerActor>(shared_from_this());
  probe->watch = executor().watch(
      probe->stream.get(), POLLIN, [self, weak = std::weak_ptr<Probe>(probe)] {
        const auto one = weak.lock();
        if (!one) {
          return false;
        }
        std::array<char, 4096> bytes{};
        const ssize_t got =
            ::recv(one->stream.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
        if (got > 0 && one->raw.size() < longest_raw) {
          one->raw.append(bytes.data(), static_cast<std::size_t>(got));
        }
        const bool more = got > 0 || (got == -1 && errno == EAGAIN);
        if (!more) {
          self->tell([self, one] { self->end_probe(one); });
        }
        return more;
      });
  const auto patience = times_of(*now_.config.healthcheck).timeout;
  probe->timeout = tell_after(
      patience, [this, weak = std::weak_ptr<Probe>(probe), patience] {
        const auto late = weak.lock();
        if (!late || late != probe_) {
          return;
        }
        if (const auto found = exec_monitors_.find(late->exec_id);
            found != exec_monitors_.end()) {
          found->second->send("signal " + std::to_string(SIGKILL));
        }
        probe_.reset();
        judge({.start = late->start,
               .end = system_clock::now(),
               .exit_code = -1,
               .output = "Health check exceeded timeout (" +
                         duration_text(patience) + ")"});
      });
}

void ContainerActor::end_probe(const std::shared_ptr<Probe>& probe) {
  if (probe != probe_) {
    return;  // given up, or of an earlier life
  }
  probe_.reset();
  int code = -1;
  try {
    code = context_.execs.get(probe->exec_id).exit_code.value_or(-1);
  } catch (const ApiError&) {
    return;  // the container went
  }
  context_.execs.forget(probe->exec_id);
  judge({.start = probe->start,
         .end = system_clock::now(),
         .exit_code = code,
         .output = unframed(probe->raw, longest_output)});
}

void ContainerActor::judge(HealthResult result) {
  if (!now_.health || now_.state != State::running) {
    return;
  }
  const HealthTimes times = times_of(*now_.config.healthcheck);
  Health& health = *now_.health;
  const bool good = result.exit_code == 0;
  const bool excused = health.status == "starting" &&
                       result.start - now_.started_at < times.start_period;
  health.log.push_back(std::move(result));
  if (health.log.size() > log_entries) {
    health.log.erase(health.log.begin());
  }
  const std::string before = health.status;
  if (good) {
    health.failing_streak = 0;
    health.status = "healthy";
  } else if (!excused && ++health.failing_streak >= times.retries) {
    health.status = "unhealthy";
  }
  const std::string after = health.status;
  publish();
  store_run();
  schedule_probe();
  if (after != before) {
    emit("health_status: " + after);
    if (after == "unhealthy") {
      restart_if_unhealthy();
    }
  }
}

/// What Docker leaves to others: a container that is known to be of no use is
/// begun again.
void ContainerActor::restart_if_unhealthy() {
  const auto label = now_.config.labels.find(std::string(restart_label));
  const bool wanted =
      now_.host_config.restart_unhealthy ||
      (label != now_.config.labels.end() && label->second == "true");
  if (wanted) {
    restart({}, [](const Outcome<void>&) {});
  }
}

}  // namespace docker_cpp::daemon
