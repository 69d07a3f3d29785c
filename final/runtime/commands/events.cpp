// SPDX-License-Identifier: Apache-2.0
#include <poll.h>
#include <sys/timerfd.h>

#include <algorithm>
#include <array>
#include <cstdio>

#include "../command.hpp"
#include "../stats_json.hpp"

#include "docker_cpp/cgroups/cgroup.hpp"
#include "docker_cpp/oci/json_view.hpp"
#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::runtime {
namespace {

void print(const std::string& id, const char* type, const std::string& data) {
  std::printf(R"({"type":"%s","id":%s%s%s})"
              "\n",
              type, oci::json_quote(id).c_str(),
              data.empty() ? "" : ",\"data\":", data.c_str());
  std::fflush(stdout);
}

/// "5s", "1m30s", "500ms", as Go's ParseDuration; in nanoseconds.
std::int64_t parse_interval(const std::string& text) {
  constexpr std::array<std::pair<std::string_view, double>, 6> units = {
      std::pair{"ms", 1e6}, {"us", 1e3}, {"ns", 1},
      {"s", 1e9},           {"m", 6e10}, {"h", 3.6e12}};
  double total = 0;
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::size_t digits =
        std::min(rest.find_first_not_of("0123456789."), rest.size());
    double value = 0;
    const std::string number(rest.substr(0, digits));
    int used = 0;
    const bool read = std::sscanf(number.c_str(), "%lf%n", &value, &used) == 1;
    rest.remove_prefix(digits);
    const auto* unit = std::ranges::find_if(
        units, [&](const auto& one) { return rest.starts_with(one.first); });
    if (!read || static_cast<std::size_t>(used) != digits ||
        unit == units.end()) {
      total = 0;
      break;
    }
    total += value * unit->second;
    rest.remove_prefix(unit->first.size());
  }
  if (total < 1 || total > 1e18) {
    throw UsageError("invalid value \"" + text +
                     "\" for --interval: not a duration above 0, such as 5s");
  }
  return static_cast<std::int64_t>(total);
}

sys::UniqueFd ticks(std::int64_t nanoseconds) {
  sys::UniqueFd timer(
      must(sys::check(::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC),
                      "timerfd_create"),
           "make a timer"));
  itimerspec times{};
  times.it_interval.tv_sec = nanoseconds / 1'000'000'000;
  times.it_interval.tv_nsec = nanoseconds % 1'000'000'000;
  times.it_value = times.it_interval;
  must(sys::check_void(::timerfd_settime(timer.get(), 0, &times, nullptr),
                       "timerfd_settime"),
       "set a timer");
  return timer;
}

void swallow(const pollfd& ready) {
  std::array<char, 512> bytes{};
  static_cast<void>(::read(ready.fd, bytes.data(), bytes.size()));
}

/// Until the container ends.
void watch(const Container& container, const cgroups::Cgroup& cgroup,
           std::int64_t interval) {
  const auto process = container.pidfd();
  if (!process) {
    return;
  }
  const std::string& id = container.record().id;
  const sys::UniqueFd timer = ticks(interval);
  const sys::UniqueFd memory = cgroup.oom_event_fd();
  std::uint64_t kills = cgroup.oom_kills();
  std::array<pollfd, 3> watched = {
      pollfd{.fd = process->get(), .events = POLLIN, .revents = 0},
      pollfd{.fd = timer.get(), .events = POLLIN, .revents = 0},
      pollfd{.fd = memory ? memory.get() : -1, .events = POLLIN, .revents = 0}};
  auto& [ended, tick, starved] = watched;
  int looks = 0;
  while ((ended.revents & POLLIN) == 0) {
    if (::poll(watched.data(), watched.size(), looks > 0 ? 20 : -1) == -1 &&
        errno != EINTR) {
      throw Error({.code = errno, .call = "poll"}, "wait for events");
    }
    looks = std::max(looks - 1, 0);
    if (starved.revents != 0) {
      swallow(starved);
      // v1 tells that memory ran out before it looks for whom to kill.
      looks = 50;
    }
    // A limit that was only met, or the end of the cgroup, is no event.
    if (const std::uint64_t now = looks > 0 ? cgroup.oom_kills() : kills;
        now > kills) {
      print(id, "oom", "");
      kills = now;
    }
    if ((tick.revents & POLLIN) != 0) {
      swallow(tick);
      print(id, "stats", stats_json(cgroup));
    }
  }
}

}  // namespace

// Types and shapes are runc's, which monitoring tools read.
int events(Context& context, Arguments arguments) {
  bool once = false;
  std::string interval = "5s";
  Flags flags;
  flags.flag("stats", once, "the statistics of this moment, and no more");
  flags.text("interval", interval, "between statistics, such as 5s");
  const std::string id = only_id("events", flags.parse(arguments));
  const std::int64_t pause = parse_interval(interval);
  const Container container = Container::open(context.root, id, Access::look);
  if (container.status() == oci::Status::stopped) {
    throw Refusal("container with id " + id + " is not running");
  }
  const auto cgroup = cgroups::Cgroup::open(container.record().cgroup_path);
  if (once) {
    print(id, "stats", stats_json(cgroup));
  } else {
    watch(container, cgroup, pause);
  }
  return 0;
}

}  // namespace docker_cpp::runtime
