// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <chrono>

#include "backend.hpp"
#include "control_file.hpp"

#include "docker_cpp/cgroups/device_program.hpp"
#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::cgroups {
namespace {

bool reads_frozen(int events) {
  char text[256];
  const ssize_t got = ::pread(events, text, sizeof text, 0);
  return got > 0 &&
         value_of(named_numbers({text, static_cast<std::size_t>(got)}),
                  "frozen") == 1;
}

/// cgroup.events tells of a change as a file tells of an exception: poll(2).
bool wait_until(int events, bool wanted) {
  using Clock = std::chrono::steady_clock;
  const auto deadline = Clock::now() + std::chrono::seconds(2);
  while (reads_frozen(events) != wanted) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        deadline - Clock::now());
    if (left.count() <= 0) {
      return false;
    }
    pollfd watched{.fd = events, .events = POLLPRI, .revents = 0};
    ::poll(&watched, 1, static_cast<int>(left.count()));
  }
  return true;
}

}  // namespace

const ControlDirectory* V2Backend::find(std::string_view /*controller*/) const {
  return &directories().front();
}

std::vector<Setting> V2Backend::plan(const Resources& resources) const {
  return plan_v2(resources);
}

void V2Backend::apply_devices(const DeviceList& devices) const {
  attach_device_program(directories().front(), device_program(devices));
}

void V2Backend::set(Freezer wanted) const {
  const ControlDirectory& directory = directories().front();
  const bool freeze = wanted == Freezer::frozen;
  const auto events =
      must(sys::open_at(directory.fd.get(), "cgroup.events", O_RDONLY),
           "open " + directory.path + "/cgroup.events");
  const std::string file = directory.path + "/cgroup.freeze";
  must(write(directory, "cgroup.freeze", freeze ? "1" : "0"), "write " + file);
  if (!wait_until(events.get(), freeze)) {
    static_cast<void>(write(directory, "cgroup.freeze", "0"));
    throw Error({.code = ETIMEDOUT, .call = "wait for cgroup.events"},
                "freeze the processes of " + directory.path);
  }
}

bool V2Backend::frozen() const {
  return number_of(&directories().front(), "cgroup.freeze").value_or(0) == 1;
}

std::uint64_t V2Backend::oom_kills() const {
  return value_of(
      named_numbers(text_of(&directories().front(), "memory.events")),
      "oom_kill");
}

sys::UniqueFd V2Backend::oom_event_fd() const {
  const std::string file = directories().front().path + "/memory.events";
  sys::UniqueFd watch(must(
      sys::check(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK), "inotify_init1"),
      "make an inotify"));
  const int added = ::inotify_add_watch(watch.get(), file.c_str(),
                                        IN_MODIFY | IN_DELETE_SELF);
  if (added == -1 && errno == ENOENT) {
    return {};  // no memory controller
  }
  must(sys::check(added, "inotify_add_watch"), "watch " + file);
  return watch;
}

}  // namespace docker_cpp::cgroups
