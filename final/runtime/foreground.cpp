// SPDX-License-Identifier: Apache-2.0
#include "foreground.hpp"

#include <poll.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <span>

#include "docker_cpp/namespaces/terminal.hpp"
#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::runtime {
namespace {

/// The caller's terminal without echo, lines and signals of its own: all that
/// is the container's terminal's business now.
class RawInput {
 public:
  explicit RawInput(bool wanted)
      : active_(wanted && ::tcgetattr(0, &before_) == 0) {
    if (active_) {
      termios raw = before_;
      ::cfmakeraw(&raw);
      raw.c_oflag |=
          OPOST;  // the container's lines end without: end_lines_plainly
      ::tcsetattr(0, TCSANOW, &raw);
    }
  }
  ~RawInput() {
    if (active_) {
      ::tcsetattr(0, TCSANOW, &before_);
    }
  }
  RawInput(const RawInput&) = delete;
  RawInput& operator=(const RawInput&) = delete;
  RawInput(RawInput&&) = delete;
  RawInput& operator=(RawInput&&) = delete;

 private:
  termios before_{};
  bool active_ = false;
};

/// Moves what is there from one descriptor to another; false at its end.
bool relay(int from, int to) {
  std::array<char, 16384> buffer{};
  const ssize_t got = ::read(from, buffer.data(), buffer.size());
  if (got <= 0) {
    return got == -1 && errno == EINTR;
  }
  const auto size = static_cast<std::size_t>(got);
  return sys::write_all(to, std::span(buffer.data(), size)).has_value();
}

void copy_size(int terminal) {
  winsize size{};
  if (::ioctl(0, TIOCGWINSZ, &size) == 0) {
    static_cast<void>(::ioctl(terminal, TIOCSWINSZ, &size));
  }
}

void await(std::span<pollfd> watched) {
  if (::poll(watched.data(), watched.size(), -1) == -1 && errno != EINTR) {
    throw Error({.code = errno, .call = "poll"}, "wait for the container");
  }
}

/// What the container wrote before it ended is still in the terminal.
void drain(int terminal) {
  pollfd ready{.fd = terminal, .events = POLLIN, .revents = 0};
  while (::poll(&ready, 1, 0) > 0 && (ready.revents & POLLIN) != 0 &&
         relay(terminal, 1)) {
  }
}

/// What the container has left behind, but not the container itself: that is
/// waited for by its handle.
void reap_orphans(pid_t container) {
  siginfo_t ended{};
  while (::waitid(P_ALL, 0, &ended, WEXITED | WNOHANG | WNOWAIT) == 0 &&
         ended.si_pid != 0 && ended.si_pid != container) {
    ::waitid(P_PID, static_cast<id_t>(ended.si_pid), &ended, WEXITED);
    ended.si_pid = 0;
  }
}

}  // namespace

Foreground::Foreground() {
  sigset_t all;
  ::sigfillset(&all);
  // Errors of this program itself, and job control's, keep their meaning.
  for (const int own : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP,
                        SIGTSTP, SIGTTIN, SIGTTOU}) {
    ::sigdelset(&all, own);
  }
  must(sys::check_void(::sigprocmask(SIG_BLOCK, &all, nullptr), "sigprocmask"),
       "hold signals back");
  signals_.reset(must(
      sys::check(::signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK), "signalfd"),
      "hold signals back"));
}

void Foreground::pass_signals(const namespaces::Process& process,
                              int terminal) {
  signalfd_siginfo info{};
  while (::read(signals_.get(), &info, sizeof info) == sizeof info) {
    const int number = static_cast<int>(info.ssi_signo);
    if (number == SIGCHLD) {
      reap_orphans(process.pid());
    } else if (number == SIGWINCH) {
      copy_size(terminal);
    } else if (number != SIGPIPE) {
      static_cast<void>(sys::kill_process(process.pidfd(), number));
    }
  }
}

int Foreground::attend(namespaces::Process& process,
                       const std::optional<sys::UniqueFd>& terminal) {
  const int master = terminal ? terminal->get() : -1;
  const RawInput raw(terminal.has_value());
  if (terminal) {
    copy_size(master);
  }
  std::array<pollfd, 4> watched = {
      pollfd{.fd = process.pidfd(), .events = POLLIN, .revents = 0},
      pollfd{.fd = signals_.get(), .events = POLLIN, .revents = 0},
      pollfd{.fd = master, .events = POLLIN, .revents = 0},
      pollfd{.fd = terminal ? 0 : -1, .events = POLLIN, .revents = 0}};
  auto& [ended, signalled, shown, typed] = watched;
  while ((ended.revents & POLLIN) == 0) {
    await(watched);
    if (signalled.revents != 0) {
      pass_signals(process, master);
    }
    if (shown.revents != 0 && !relay(master, 1)) {
      shown.fd = -1;
    }
    if (typed.revents != 0 && !relay(0, master)) {
      typed.fd = -1;
    }
  }
  if (terminal) {
    drain(master);
  }
  return process.wait();
}

}  // namespace docker_cpp::runtime
