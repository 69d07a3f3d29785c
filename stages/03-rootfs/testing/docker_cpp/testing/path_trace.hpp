// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fcntl.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

namespace docker_cpp::testing {

struct PathCall {
  std::uint64_t number;  ///< of the system call
  std::string path;
};

/// Runs `work` in a traced child and tells every path that it, and whatever it
/// forks, hands to the kernel until they execute a program.
class PathTrace {
 public:
  static std::vector<PathCall> of(const std::function<void()>& work) {
    PathTrace trace;
    const pid_t first = ::fork();
    if (first == 0) {
      ::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
      ::raise(SIGSTOP);
      work();
      ::_exit(0);
    }
    trace.follow(first);
    return trace.calls_;
  }

 private:
  struct PathArgument {
    std::uint64_t call;
    std::size_t index;
  };

  static constexpr std::array arguments = {
      PathArgument{SYS_open, 0},       PathArgument{SYS_openat, 1},
      PathArgument{SYS_openat2, 1},    PathArgument{SYS_mkdir, 0},
      PathArgument{SYS_mkdirat, 1},    PathArgument{SYS_mknod, 0},
      PathArgument{SYS_mknodat, 1},    PathArgument{SYS_mount, 0},
      PathArgument{SYS_mount, 1},      PathArgument{SYS_umount2, 0},
      PathArgument{SYS_symlink, 1},    PathArgument{SYS_symlinkat, 2},
      PathArgument{SYS_unlink, 0},     PathArgument{SYS_unlinkat, 1},
      PathArgument{SYS_rmdir, 0},      PathArgument{SYS_chown, 0},
      PathArgument{SYS_lchown, 0},     PathArgument{SYS_fchownat, 1},
      PathArgument{SYS_chmod, 0},      PathArgument{SYS_fchmodat, 1},
      PathArgument{SYS_rename, 0},     PathArgument{SYS_rename, 1},
      PathArgument{SYS_renameat2, 1},  PathArgument{SYS_renameat2, 3},
      PathArgument{SYS_stat, 0},       PathArgument{SYS_lstat, 0},
      PathArgument{SYS_newfstatat, 1}, PathArgument{SYS_statx, 1},
      PathArgument{SYS_access, 0},     PathArgument{SYS_faccessat, 1},
      PathArgument{SYS_readlink, 0},   PathArgument{SYS_readlinkat, 1},
      PathArgument{SYS_open_tree, 1},  PathArgument{SYS_move_mount, 1},
      PathArgument{SYS_move_mount, 3}, PathArgument{SYS_mount_setattr, 1},
      PathArgument{SYS_chdir, 0},      PathArgument{SYS_chroot, 0},
      PathArgument{SYS_pivot_root, 0}, PathArgument{SYS_pivot_root, 1},
      PathArgument{SYS_utimensat, 1},  PathArgument{SYS_truncate, 0},
  };

  void follow(pid_t first) {
    int status = 0;
    if (::waitpid(first, &status, __WALL) != first || !WIFSTOPPED(status)) {
      throw std::runtime_error("the traced process did not stop");
    }
    ::ptrace(PTRACE_SETOPTIONS, first, nullptr,
             PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
                 PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL);
    ::ptrace(PTRACE_SYSCALL, first, nullptr, nullptr);
    while (true) {
      const pid_t pid = ::waitpid(-1, &status, __WALL);
      if (pid == -1 || (pid == first && !WIFSTOPPED(status))) {
        return;
      }
      if (WIFSTOPPED(status)) {
        handle_stop(pid, status);
      }
    }
  }

  void handle_stop(pid_t pid, int status) {
    const int signal = WSTOPSIG(status);
    if (signal == (SIGTRAP | 0x80)) {
      note(pid);
    } else if (status >> 8 == (SIGTRAP | (PTRACE_EVENT_EXEC << 8))) {
      ::ptrace(PTRACE_DETACH, pid, nullptr, nullptr);
      return;
    }
    const bool ours = (signal & 0x7f) == SIGTRAP || signal == SIGSTOP;
    ::ptrace(PTRACE_SYSCALL, pid, nullptr, ours ? 0 : signal);
  }

  void note(pid_t pid) {
    __ptrace_syscall_info info{};
    if (::ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof info, &info) <= 0 ||
        info.op != PTRACE_SYSCALL_INFO_ENTRY) {
      return;
    }
    for (const PathArgument& argument : arguments) {
      if (argument.call == info.entry.nr) {
        calls_.push_back({.number = info.entry.nr,
                          .path = text(pid, info.entry.args[argument.index])});
      }
    }
  }

  static std::string text(pid_t pid, std::uint64_t address) {
    std::string all;
    char byte = 0;
    while (address != 0 && all.size() < 4096) {
      iovec here{.iov_base = &byte, .iov_len = 1};
      iovec there{.iov_base = reinterpret_cast<void*>(address++), .iov_len = 1};
      if (::process_vm_readv(pid, &here, 1, &there, 1, 0) != 1 || byte == 0) {
        break;
      }
      all += byte;
    }
    return all;
  }

  std::vector<PathCall> calls_;
};

}  // namespace docker_cpp::testing
