// SPDX-License-Identifier: Apache-2.0
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include <gtest/gtest.h>

#include "exercise.hpp"

/// In a process of its own: a filter cannot be taken off again.
int ask(const std::vector<sock_filter>& filter) {
  const pid_t child = ::fork();
  if (child == 0) {
    const sock_fprog program{.len = static_cast<unsigned short>(filter.size()),
                             .filter = const_cast<sock_filter*>(filter.data())};
    ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    if (::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) != 0) {
      ::_exit(1);
    }
    if (::socket(AF_NETLINK, SOCK_RAW, 0) != -1 || errno != EPERM) {
      ::_exit(2);
    }
    if (::socket(AF_UNIX, SOCK_STREAM, 0) == -1) {
      ::_exit(3);
    }
    int pair[2];
    ::_exit(::socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0 ? 0 : 4);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 99;
}

TEST(RefuseFamily, RefusesOneThing) {
  const int code = ask(refuse_family(AF_NETLINK));
  EXPECT_NE(code, 1) << "the kernel does not take it: does each way end in a "
                        "BPF_RET, and does each jump stay inside?";
  EXPECT_NE(code, 2) << "the family is allowed, or refused with another error";
  EXPECT_NE(code, 3) << "other families have to be allowed";
  EXPECT_NE(code, 4) << "other calls have to be allowed";
  EXPECT_EQ(code, 0);
}
