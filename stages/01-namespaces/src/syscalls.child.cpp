// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/sys/syscalls.hpp"

#include <fcntl.h>
#include <linux/close_range.h>
#include <linux/openat2.h>
#include <sched.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace docker_cpp::sys {

Result<Pipe> pipe_cloexec() noexcept {
  int ends[2];
  if (::syscall(SYS_pipe2, ends, O_CLOEXEC) == -1) {
    return fail("pipe2");
  }
  return Pipe{.read_end = UniqueFd(ends[0]), .write_end = UniqueFd(ends[1])};
}

Result<UniqueFd> open(const char* path, int flags, mode_t mode) noexcept {
  return open_at(AT_FDCWD, path, flags, mode);
}

Result<UniqueFd> open_at(int dir, const char* path, int flags,
                         mode_t mode) noexcept {
  const int fd = ::openat(dir, path, flags | O_CLOEXEC, mode);
  if (fd == -1) {
    return fail("openat");
  }
  return UniqueFd(fd);
}

Result<UniqueFd> open_beneath(int dir, const char* path, int flags, mode_t mode,
                              unsigned long resolve) noexcept {
  open_how how{};
  how.flags = static_cast<unsigned>(flags | O_CLOEXEC);
  how.mode = mode;
  how.resolve = resolve;
  long fd = -1;
  do {  // EAGAIN: a rename raced with a ".." on the way; openat2(2)
    fd = ::syscall(SYS_openat2, dir, path, &how, sizeof how);
  } while (fd == -1 && errno == EAGAIN);
  if (fd == -1) {
    return fail("openat2");
  }
  return UniqueFd(static_cast<int>(fd));
}

Result<void> set_hostname(std::span<const char> name) noexcept {
  return check_void(::sethostname(name.data(), name.size()), "sethostname");
}

Result<void> set_domainname(std::span<const char> name) noexcept {
  return check_void(::setdomainname(name.data(), name.size()), "setdomainname");
}

Result<std::size_t> read_full(int fd, std::span<std::byte> into) noexcept {
  std::size_t done = 0;
  while (done < into.size()) {
    const ssize_t got = ::read(fd, into.data() + done, into.size() - done);
    if (got == 0) {
      break;
    }
    if (got > 0) {
      done += static_cast<std::size_t>(got);
    } else if (errno != EINTR) {
      return fail("read");
    }
  }
  return done;
}

Result<void> write_all(int fd, std::span<const char> bytes) noexcept {
  while (!bytes.empty()) {
    const ssize_t put = ::write(fd, bytes.data(), bytes.size());
    if (put >= 0) {
      bytes = bytes.subspan(static_cast<std::size_t>(put));
    } else if (errno != EINTR) {
      return fail("write");
    }
  }
  return {};
}

Result<void> write_byte(int fd) noexcept {
  const char byte = 1;
  return check_void(::write(fd, &byte, 1), "write");
}

Result<UniqueFd> pidfd_open(pid_t pid) noexcept {
  const long fd = ::syscall(SYS_pidfd_open, pid, 0);
  if (fd == -1) {
    return fail("pidfd_open");
  }
  return UniqueFd(static_cast<int>(fd));
}

Result<void> kill_process(int pidfd, int signal) noexcept {
  return check_void(::syscall(SYS_pidfd_send_signal, pidfd, signal, nullptr, 0),
                    "pidfd_send_signal");
}

Result<int> wait_exit_code(int pidfd) noexcept {
  siginfo_t info{};
  int returned = 0;
  do {
    returned = ::waitid(P_PIDFD, static_cast<id_t>(pidfd), &info, WEXITED);
  } while (returned == -1 && errno == EINTR);
  if (returned == -1) {
    return fail("waitid");
  }
  // The shell's convention, which `docker run` keeps: 128 + signal number.
  return info.si_code == CLD_EXITED ? info.si_status : 128 + info.si_status;
}

Result<void> join_namespace(int fd, int kinds) noexcept {
  return check_void(::setns(fd, kinds), "setns");
}

Result<void> unshare(int flags) noexcept {
  return check_void(::unshare(flags), "unshare");
}

Result<void> cloexec_from(unsigned first) noexcept {
  return check_void(::syscall(SYS_close_range, first, ~0U, CLOSE_RANGE_CLOEXEC),
                    "close_range");
}

Result<void> duplicate_to(int from, int to) noexcept {
  if (from == to) {  // dup2 would leave its close-on-exec flag as it is
    return check_void(::fcntl(to, F_SETFD, 0), "fcntl");
  }
  return check_void(::dup2(from, to), "dup2");
}

}  // namespace docker_cpp::sys
