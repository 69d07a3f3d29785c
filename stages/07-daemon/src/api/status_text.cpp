// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "views.hpp"

namespace docker_cpp::daemon::api {
namespace {

std::string count_of(std::int64_t count, std::string_view unit) {
  return std::to_string(count) + " " + std::string(unit);
}

std::string since(Time time, Time now) {
  return human_duration(
      std::chrono::duration_cast<std::chrono::seconds>(now - time));
}

/// What `docker ps` shows after the time.
std::string health_text(const Container& container) {
  if (!container.health) {
    return "";
  }
  const std::string& status = container.health->status;
  return status == "starting" ? " (health: starting)" : " (" + status + ")";
}

}  // namespace

std::string human_duration(std::chrono::seconds duration) {
  const auto seconds = duration.count();
  const auto minutes = seconds / 60;
  const auto hours = std::llround(static_cast<double>(seconds) / 3600.0);
  constexpr std::int64_t day = 24;
  if (seconds < 1) {
    return "Less than a second";
  }
  if (seconds == 1) {
    return "1 second";
  }
  if (seconds < 60) {
    return count_of(seconds, "seconds");
  }
  if (minutes == 1) {
    return "About a minute";
  }
  if (minutes < 60) {
    return count_of(minutes, "minutes");
  }
  if (hours == 1) {
    return "About an hour";
  }
  if (hours < 48) {
    return count_of(hours, "hours");
  }
  if (hours < day * 7 * 2) {
    return count_of(hours / day, "days");
  }
  if (hours < day * 30 * 2) {
    return count_of(hours / day / 7, "weeks");
  }
  if (hours < day * 365 * 2) {
    return count_of(hours / day / 30, "months");
  }
  return count_of(hours / day / 365, "years");
}

std::string status_text(const Container& container, Time now) {
  const auto code = "(" + std::to_string(container.exit_code) + ") ";
  switch (container.state) {
    case State::running:
      return "Up " + since(container.started_at, now) + health_text(container);
    case State::paused:
      return "Up " + since(container.started_at, now) + " (Paused)";
    case State::restarting:
      return "Restarting " + code + since(container.finished_at, now) + " ago";
    case State::removing:
      return "Removal In Progress";
    case State::dead:
      return "Dead";
    case State::created:
      return "Created";
    case State::exited:
      break;
  }
  return container.finished_at == Time{}
             ? std::string{}
             : "Exited " + code + since(container.finished_at, now) + " ago";
}

std::string command_text(const Container& container) {
  std::string out;
  for (const auto& argument : container.args) {
    const bool quoted = !out.empty() && argument.find(' ') != std::string::npos;
    out += out.empty() ? "" : " ";
    out += quoted ? "'" + argument + "'" : argument;
  }
  return out;
}

}  // namespace docker_cpp::daemon::api
