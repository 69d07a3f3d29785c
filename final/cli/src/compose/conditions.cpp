// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <chrono>

#include "commands/support.hpp"
#include "compose/normalise.hpp"
#include "compose/session.hpp"

#include "docker_cpp/cli/text.hpp"

namespace docker_cpp::cli::compose {
namespace {

constexpr useconds_t shortest_wait = 50'000;
constexpr useconds_t longest_wait = 500'000;

/// Asks more and more seldom.
class Patience {
 public:
  void wait() {
    ::usleep(next_);
    next_ = std::min(next_ * 2, longest_wait);
  }

 private:
  useconds_t next_ = shortest_wait;
};

Value state_of(Session& session, const Running& one) {
  return session.engine().get(container_path(one.id, "/json"))["State"];
}

void await_health(Session& session, const Running& one,
                  std::chrono::steady_clock::time_point until) {
  const auto object = "Container " + one.name;
  session.progress.working(object, "Waiting");
  for (Patience patience;; patience.wait()) {
    const auto state = state_of(session, one);
    const auto& health = state["Health"]["Status"].text();
    if (health == "unhealthy") {
      session.progress.failed(object, "Error");
      throw Failure("container " + one.name + " is unhealthy");
    }
    if (!state["Running"].flag()) {
      session.progress.failed(object, "Error");
      throw Failure("container " + one.name + " exited (" +
                    std::to_string(state["ExitCode"].number()) + ")");
    }
    if (health.empty() || health == "healthy") {
      session.progress.done(object, "Healthy");
      return;
    }
    if (std::chrono::steady_clock::now() > until) {
      throw Failure(
          "application not healthy after the time of "
          "--wait-timeout");
    }
  }
}

void await_completion(Session& session, const Running& one) {
  const auto object = "Container " + one.name;
  session.progress.working(object, "Waiting");
  const auto ended = session.engine().post(
      container_path(one.id, "/wait?condition=not-running"));
  const auto code = ended["StatusCode"].number();
  if (code != 0) {
    session.progress.failed(object, "service " + quote(one.service) +
                                        " didn't complete successfully: exit " +
                                        std::to_string(code));
    throw Failure("service " + quote(one.service) +
                  " didn't complete successfully: exit " +
                  std::to_string(code));
  }
  session.progress.done(object, "Exited");
}

std::chrono::steady_clock::time_point far_away() {
  return std::chrono::steady_clock::now() + std::chrono::hours(24 * 365);
}

}  // namespace

void await_dependencies(Session& session, const std::string& service) {
  const auto& depends = session.project().service(service)["depends_on"];
  for (const auto& [other, how] : depends.members()) {
    const auto& condition = how["condition"].text();
    if (condition == "service_started") {
      continue;
    }
    const auto there = session.containers(Session::Which::all, {other});
    if (there.empty() && truth(how["required"])) {
      throw Failure("dependency failed to start: service " + quote(other) +
                    " has no container");
    }
    for (const auto& one : there) {
      try {
        if (condition == "service_healthy") {
          await_health(session, one, far_away());
        } else {
          await_completion(session, one);
        }
      } catch (const DaemonFailure&) {
        throw;
      } catch (const Failure& failure) {
        if (truth(how["required"])) {
          throw Failure(condition == "service_healthy"
                            ? "dependency failed to start: " + failure.message()
                            : failure.message());
        }
      }
    }
  }
}

void await_healthy(Session& session, const std::vector<Running>& containers,
                   std::int64_t seconds) {
  const auto until = seconds > 0 ? std::chrono::steady_clock::now() +
                                       std::chrono::seconds(seconds)
                                 : far_away();
  for (const auto& one : containers) {
    await_health(session, one, until);
  }
}

}  // namespace docker_cpp::cli::compose
