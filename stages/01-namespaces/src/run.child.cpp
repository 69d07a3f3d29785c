// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <span>

#include "run_child.hpp"

#include "docker_cpp/namespaces/process.hpp"
#include "docker_cpp/sys/syscalls.hpp"
#include "docker_cpp/sys/trace.hpp"

namespace docker_cpp::namespaces {
namespace {

/// Who hears of it is not the process that planned this one, so it gets text.
[[noreturn]] void report_at_gate(int gate,
                                 const ChildReport& message) noexcept {
  GateReport text;
  text.code = message.code;
  for (std::size_t i = 0;
       i + 1 < sizeof text.attempt && message.call[i] != '\0'; ++i) {
    text.attempt[i] = message.call[i];
  }
  const auto bytes =
      std::span(reinterpret_cast<const char*>(&text), sizeof text);
  static_cast<void>(sys::write_all(gate, bytes.subspan(1)));
  ::_exit(127);
}

[[noreturn]] void report(const ChildPlan& plan,
                         const ChildReport& message) noexcept {
  if (plan.gate != -1) {
    report_at_gate(plan.gate, message);
  }
  const int fd = plan.report_fd;
  // Smaller than PIPE_BUF, so it arrives whole or not at all: pipe(7). If even
  // this fails, the exit status still says that something did.
  const ssize_t ignored = ::write(fd, &message, sizeof message);
  static_cast<void>(ignored);
  ::_exit(127);
}

/// A program starts with no signal blocked or ignored, whatever the engine
/// does with its own: signal(7), \man{execve,2}.
void reset_signals() noexcept {
  struct sigaction standard{};
  standard.sa_handler = SIG_DFL;
  for (int number = 1; number < NSIG; ++number) {
    ::sigaction(number, &standard, nullptr);
  }
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

void give_stdio(const ChildPlan& plan) noexcept {
  // Two passes, so that a source below 3 is not overwritten before its turn.
  std::array<int, 3> safe{};
  for (int i = 0; i < 3; ++i) {
    safe[i] = ::fcntl(plan.stdio[i], F_DUPFD_CLOEXEC, 3);
  }
  for (int i = 0; i < 3; ++i) {
    const auto given = sys::duplicate_to(safe[i], i);
    if (!given) {
      report(plan, {.step = ChildStep::stdio,
                    .isolation = 0,
                    .code = given.error().code,
                    .call = given.error().call});
    }
    ::close(safe[i]);
  }
}

/// Tells the parent that the child has come this far, and waits for its word.
void stop_at(const ChildPlan& plan, std::size_t position) noexcept {
  const ChildReport here{
      .step = ChildStep::stop, .isolation = position, .code = 0, .call = ""};
  char go = 0;
  if (::write(plan.report_fd, &here, sizeof here) != sizeof here ||
      ::read(plan.go_fd, &go, 1) != 1) {
    ::_exit(127);  // the parent gave up
  }
}

using Moment = sys::Result<void> (Isolation::*)() const noexcept;

void each_isolation(const ChildPlan& plan, Moment moment,
                    sys::TraceMoment when) noexcept {
  std::size_t position = 0;
  for (const Isolation* isolation : plan.isolations) {
    const sys::TraceStep trace(isolation->name(), when);
    if (const auto done = (isolation->*moment)(); !done) {
      report(plan, {.step = ChildStep::isolation,
                    .isolation = position,
                    .code = done.error().code,
                    .call = done.error().call});
    }
    if (when == sys::TraceMoment::in_child && isolation->stops_child()) {
      stop_at(plan, position);
    }
    ++position;
  }
}

/// By the kernel's own calls: the C library takes faccessat2(2) for each, and
/// a filter that is older than that call says EPERM, not ENOSYS.
bool is_there(const char* path) noexcept {
  return ::syscall(SYS_faccessat, AT_FDCWD, path, F_OK) == 0;
}

/// Whether the kernel says no; a call that is filtered says nothing.
bool is_forbidden(const char* path) noexcept {
  if (::syscall(SYS_faccessat2, AT_FDCWD, path, X_OK, AT_EACCESS) == 0) {
    return false;
  }
  return errno == EACCES ||
         (::syscall(SYS_faccessat, AT_FDCWD, path, X_OK) == -1 &&
          errno == EACCES);
}

/// All from `first` on, also under a filter that does not know close_range(2).
void close_from(unsigned first) noexcept {
  constexpr unsigned bound = 4096;
  if (::syscall(SYS_close_range, first, ~0U, 0) == 0) {
    return;
  }
  for (unsigned fd = first; fd < bound; ++fd) {
    ::close(static_cast<int>(fd));
  }
}

/// The errno that executing would end in, or 0: with a start gate the answer
/// is wanted before the program may begin.
int why_not_executable(std::span<const char* const> candidates) noexcept {
  int worst = ENOENT;
  for (const char* path : candidates) {
    struct stat info{};
    if (::fstatat(AT_FDCWD, path, &info, 0) != 0) {
      continue;
    }
    if (S_ISREG(info.st_mode) && !is_forbidden(path)) {
      return 0;
    }
    worst = EACCES;
  }
  return worst;
}

/// Returns the gate's fifo once somebody has opened it.
int wait_at_gate(const ChildPlan& plan) noexcept {
  if (const int code = why_not_executable(plan.candidates); code != 0) {
    report(plan, {.step = ChildStep::exec,
                  .isolation = 0,
                  .code = code,
                  .call = "faccessat"});
  }
  ::close(plan.report_fd);  // all is well so far: the parent may return
  // From here on it may wait for days: nothing of the engine's stays open, not
  // a lock, not a handle on the host, but the folder of the gate.
  const int folder = static_cast<int>(plan.first_closed);
  if (plan.start_gate != folder &&
      ::dup3(plan.start_gate, folder, O_CLOEXEC) == -1) {
    ::_exit(127);
  }
  close_from(plan.first_closed + 1);
  const int gate = ::openat(folder, "exec.fifo", O_WRONLY | O_CLOEXEC);
  const char byte = 0;
  if (gate == -1 || ::write(gate, &byte, 1) != 1) {
    ::_exit(127);  // whoever was to open the gate is gone
  }
  ::close(folder);
  return gate;
}

void wait_for_go(const ChildPlan& plan) noexcept {
  const sys::TraceStep trace("wait until the parent is done");
  char go = 0;
  if (::read(plan.go_fd, &go, 1) != 1) {  // end of file: the parent gave up
    ::_exit(127);
  }
}

}  // namespace

// [run-child]
void run_child(ChildPlan plan) noexcept {
  // Until exec, nobody in the container may look into this process: it still
  // is a copy of the engine. execve(2) sets the flag anew.
  ::prctl(PR_SET_DUMPABLE, 0);
  sys::trace_in_child();
  wait_for_go(plan);
  reset_signals();
  give_stdio(plan);
  // Once before, because a filter may not know the call; and once after, for
  // what was opened meanwhile.
  static_cast<void>(sys::cloexec_from(plan.first_closed));
  each_isolation(plan, &Isolation::in_child, sys::TraceMoment::in_child);
  static_cast<void>(sys::cloexec_from(plan.first_closed));
  if (plan.start_gate != -1) {
    plan.gate = wait_at_gate(plan);
  }
  each_isolation(plan, &Isolation::at_exec, sys::TraceMoment::at_exec);
  const sys::TraceStep executing("execute the program");
  int code = ENOENT;
  const char* call = "execve";
  for (const char* path : plan.candidates) {
    ::execve(path, plan.argv, plan.envp);
    const int failure = errno;
    if (failure == ENOENT && is_there(path)) {
      call = found_program;
    }
    if (failure != ENOENT && failure != ENOTDIR) {
      code = failure;
      if (code != EACCES) {
        break;
      }
    }
  }
  report(plan,
         {.step = ChildStep::exec, .isolation = 0, .code = code, .call = call});
}
// [run-child]

}  // namespace docker_cpp::namespaces
