// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sys/eventfd.h>

#include <chrono>
#include <thread>

#include "backend.hpp"
#include "control_file.hpp"

#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::cgroups {
namespace {

std::string freezer_state(const ControlDirectory& freezer) {
  const std::string state = must(read(freezer, "freezer.state"),
                                 "read " + freezer.path + "/freezer.state");
  return state.substr(0, state.find('\n'));
}

void write_state(const ControlDirectory& freezer, const char* state) {
  must(
      write(freezer, "freezer.state", state),
      std::string("write ") + state + " to " + freezer.path + "/freezer.state");
}

/// FREEZING becomes FROZEN once each task has come by; one that forks at the
/// wrong moment is caught by asking again.
void freeze_and_wait(const ControlDirectory& freezer) {
  constexpr int attempts = 2'000;
  for (int attempt = 0; attempt < attempts; ++attempt) {
    write_state(freezer, "FROZEN");
    if (freezer_state(freezer) == "FROZEN") {
      return;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  write_state(freezer, "THAWED");
  throw Error({.code = ETIMEDOUT, .call = "wait for FROZEN"},
              "freeze the processes of " + freezer.path);
}

}  // namespace

const ControlDirectory* V1Backend::find(std::string_view controller) const {
  for (const ControlDirectory& directory : directories()) {
    if (has(directory.hierarchy, controller)) {
      return &directory;
    }
  }
  return nullptr;
}

std::vector<Setting> V1Backend::plan(const Resources& resources) const {
  return plan_v1(resources);
}

void V1Backend::set(Freezer wanted) const {
  const ControlDirectory* freezer = find("freezer");
  if (freezer == nullptr) {
    throw Error({.code = ENOTSUP, .call = "find the freezer"},
                "freeze or thaw processes: no freezer controller is mounted");
  }
  if (wanted == Freezer::frozen) {
    freeze_and_wait(*freezer);
  } else {
    write_state(*freezer, "THAWED");
  }
}

bool V1Backend::frozen() const {
  const ControlDirectory* freezer = find("freezer");
  return freezer != nullptr && freezer_state(*freezer) != "THAWED";
}

std::uint64_t V1Backend::oom_kills() const {
  return value_of(named_numbers(text_of(find("memory"), "memory.oom_control")),
                  "oom_kill");
}

sys::UniqueFd V1Backend::oom_event_fd() const {
  const ControlDirectory* memory = find("memory");
  if (memory == nullptr) {
    return {};
  }
  const std::string name = memory->path + "/memory.oom_control";
  const auto control =
      must(sys::open_at(memory->fd.get(), "memory.oom_control", O_RDONLY),
           "open " + name);
  sys::UniqueFd event(
      must(sys::check(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "eventfd"),
           "make an eventfd"));
  // "<eventfd> <control file>"; the kernel holds on to the eventfd, and
  // signals it as well when the cgroup is removed.
  must(write(*memory, "cgroup.event_control",
             std::to_string(event.get()) + " " + std::to_string(control.get())),
       "watch " + name);
  return event;
}

}  // namespace docker_cpp::cgroups
