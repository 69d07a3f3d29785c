// SPDX-License-Identifier: Apache-2.0
#include <csignal>

#include "backend.hpp"
#include "control_file.hpp"

#include "docker_cpp/sys/error.hpp"

namespace docker_cpp::cgroups {
namespace {

void signal_each(const std::vector<pid_t>& pids, int signal) {
  for (const pid_t pid : pids) {
    if (::kill(pid, signal) == -1 && errno != ESRCH) {
      throw Error({.code = errno, .call = "kill"},
                  "send signal " + std::to_string(signal) + " to process " +
                      std::to_string(pid));
    }
  }
}

/// While it lives, nobody in the cgroup runs. Best effort: a process deep in
/// a driver may not stop, and is to be signalled all the same.
class Stopped {
 public:
  Stopped(const Backend& backend, bool already) : backend_(backend) {
    if (already || backend.find("freezer") == nullptr) {
      return;
    }
    try {
      backend.set(Freezer::frozen);
      stopped_ = true;
    } catch (const Error&) {
      stopped_ = false;
    }
  }
  ~Stopped() {
    if (stopped_) {
      try {
        backend_.set(Freezer::thawed);
      } catch (const Error&) {
        return;  // frozen just now, so it can be thawed
      }
    }
  }
  Stopped(const Stopped&) = delete;
  Stopped& operator=(const Stopped&) = delete;
  Stopped(Stopped&&) = delete;
  Stopped& operator=(Stopped&&) = delete;

 private:
  const Backend& backend_;
  bool stopped_ = false;
};

}  // namespace

void Cgroup::kill_all(int signal) {
  const ControlDirectory* unified = backend_->unified();
  if (signal == SIGKILL && unified != nullptr &&
      write(*unified, "cgroup.kill", "1") && version_ == Version::v2) {
    return;  // cgroup.kill spares nobody, since Linux 5.14
  }
  // Otherwise a process could fork faster than it is found: stop them all
  // first. What was paused before stays so, except that the killed must run
  // to leave a v1 freezer.
  const bool was_frozen = frozen();
  const Stopped stopped(*backend_, was_frozen);
  signal_each(processes(), signal);
  if (was_frozen && signal == SIGKILL) {
    thaw();
  }
}

}  // namespace docker_cpp::cgroups
