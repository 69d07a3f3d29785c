// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <linux/sched.h>
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <ctime>
#include <span>

#include "oci_hook_plan.hpp"

#include "docker_cpp/oci/hooks.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::oci {
namespace {

[[noreturn]] void become_hook(const HookPlan& plan, int state_file) noexcept {
  // A memory file, not a pipe: a hook that never reads its input cannot block
  // us, nor end us with SIGPIPE.
  if (::lseek(state_file, 0, SEEK_SET) == -1 ||
      !sys::duplicate_to(state_file, 0)) {
    ::_exit(125);
  }
  // What the engine's caller left open. Under a filter that does not know the
  // call this is done already: see run_child.
  static_cast<void>(sys::cloexec_from(3));
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

sys::Result<int> run_hook(const HookPlan& plan, int state_file) noexcept {
  int pidfd = -1;
  // clone(2), not clone3: under a container's system call filter the latter
  // may answer ENOSYS.
  const long pid = ::syscall(SYS_clone, SIGCHLD | CLONE_PIDFD, 0, &pidfd, 0, 0);
  if (pid == 0) {
    become_hook(plan, state_file);
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

/// The state with the child's pid, as its own namespace counts. Made only now,
/// so that a container that waits for its start holds no descriptor.
sys::Result<sys::UniqueFd> ContainerHooks::own_state(
    const Text& text) noexcept {
  const auto fd = static_cast<int>(
      ::syscall(SYS_memfd_create, "state", 1U /* MFD_CLOEXEC */));
  if (fd == -1) {
    return sys::fail("memfd_create");
  }
  sys::UniqueFd file(fd);
  char digits[12];
  std::size_t at = sizeof digits;
  for (int left = ::getpid(); left > 0; left /= 10) {
    digits[--at] = static_cast<char>('0' + (left % 10));
  }
  const std::span<const char> parts[] = {
      text.before_pid, std::span(digits).subspan(at), text.after_pid};
  for (const auto part : parts) {
    if (const auto put = sys::write_all(fd, part); !put) {
      return std::unexpected(put.error());
    }
  }
  return file;
}

sys::Result<void> ContainerHooks::run() const noexcept {
  const auto state = own_state(text_);
  if (!state) {
    return std::unexpected(state.error());
  }
  for (const auto& plan : plans_) {
    const auto code = run_hook(*plan, state->get());
    if (!code || *code != 0) {
      return std::unexpected(
          sys::SysError{.code = code ? ECANCELED : code.error().code,
                        .call = plan->attempt.c_str()});
    }
  }
  return {};
}

sys::Result<void> ContainerHooks::in_child() const noexcept {
  return moment_ == Moment::create_container ? run() : sys::Result<void>();
}

sys::Result<void> ContainerHooks::at_exec() const noexcept {
  return moment_ == Moment::start_container ? run() : sys::Result<void>();
}

}  // namespace docker_cpp::oci
