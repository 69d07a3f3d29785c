// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <ctime>

#include "oci_hook_plan.hpp"

#include "docker_cpp/oci/hooks.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::oci {
namespace {

constexpr int container_namespaces =
    CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS;

[[noreturn]] void become_hook(const HookPlan& plan, int state_file,
                              int container) noexcept {
  if (container != -1 && ::setns(container, container_namespaces) == -1) {
    ::_exit(125);
  }
  // A memory file, not a pipe: a hook that never reads its input cannot block
  // us, nor end us with SIGPIPE.
  if (::lseek(state_file, 0, SEEK_SET) == -1 ||
      !sys::duplicate_to(state_file, 0) || !sys::cloexec_from(3)) {
    ::_exit(125);
  }
  ::execve(plan.hook.path.c_str(), plan.argv.data(), plan.envp.data());
  ::_exit(errno == ENOENT ? 127 : 126);
}

sys::Result<void> await(int pidfd, int timeout_ms) noexcept {
  pollfd ended{.fd = pidfd, .events = POLLIN, .revents = 0};
  timespec left{.tv_sec = timeout_ms / 1000,
                .tv_nsec = (timeout_ms % 1000) * 1'000'000L};
  // The raw call writes back the time that is left, so a signal does not
  // start the wait anew: \man{ppoll,2}, "C library/kernel differences".
  timespec* limit = timeout_ms < 0 ? nullptr : &left;
  long ready = 0;
  do {
    ready = ::syscall(SYS_ppoll, &ended, 1, limit, nullptr, 0);
  } while (ready == -1 && errno == EINTR);
  if (ready == 0) {
    errno = ETIMEDOUT;
    return sys::fail("wait for the hook");
  }
  return sys::check_void(ready, "ppoll");
}

}  // namespace

sys::Result<int> run_hook(const HookPlan& plan, int state_file,
                          int container) noexcept {
  int pidfd = -1;
  // clone(2), not clone3: under a container's system call filter the latter
  // may answer ENOSYS.
  const long pid = ::syscall(SYS_clone, SIGCHLD | CLONE_PIDFD, 0, &pidfd, 0, 0);
  if (pid == 0) {
    become_hook(plan, state_file, container);
  }
  if (pid == -1) {
    return sys::fail("clone");
  }
  const sys::UniqueFd process(pidfd);
  const auto in_time = await(pidfd, plan.timeout_ms);
  if (!in_time) {
    static_cast<void>(sys::kill_process(pidfd, SIGKILL));
  }
  const auto code = sys::wait_exit_code(pidfd);
  return in_time ? code : std::unexpected(in_time.error());
}

sys::Result<void> LifecycleHooks::at_exec() const noexcept {
  for (const auto& plan : start_container_) {
    const auto code = run_hook(*plan, state_file_.get(), -1);
    if (!code) {
      return std::unexpected(code.error());
    }
    if (*code != 0) {
      errno = ECANCELED;
      return sys::fail(plan->hook.path.c_str());
    }
  }
  return {};
}

}  // namespace docker_cpp::oci
