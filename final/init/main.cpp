// SPDX-License-Identifier: Apache-2.0
// The first process of a container has two duties that few programs fulfil:
// to reap what its descendants leave behind, and to have a handler for each
// signal that is to reach it, since the kernel drops the others for process 1.
// This one does both for the program it starts, and ends as that one ends.
// \man{pid_namespaces,7}
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <initializer_list>

namespace {

constexpr int cannot_execute = 126;
constexpr int not_found = 127;

/// In the child: what the program is to find as if it were alone.
[[noreturn]] void become(char** program, const sigset_t& signals) {
  ::setpgid(0, 0);
  // In the background of a terminal, taking the foreground would stop us.
  ::signal(SIGTTOU, SIG_IGN);
  ::tcsetpgrp(STDIN_FILENO, ::getpgrp());
  ::signal(SIGTTOU, SIG_DFL);
  ::sigprocmask(SIG_SETMASK, &signals, nullptr);
  ::execvp(program[0], program);
  const int why = errno;
  std::fprintf(stderr, "docker-cpp-init: exec %s failed: %s\n", program[0],
               std::strerror(why));
  ::_exit(why == ENOENT ? not_found : cannot_execute);
}

/// All that have ended. True when the program itself is among them.
bool reap(pid_t program, int& code) {
  bool ended = false;
  int status = 0;
  for (pid_t pid = 0; (pid = ::waitpid(-1, &status, WNOHANG)) > 0;) {
    if (pid == program) {
      code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
      ended = true;
    }
  }
  return ended;
}

int look_after(pid_t program, const sigset_t& signals) {
  for (;;) {
    siginfo_t heard{};
    if (::sigwaitinfo(&signals, &heard) == -1) {
      continue;
    }
    int code = 0;
    if (heard.si_signo != SIGCHLD) {
      ::kill(program, heard.si_signo);
    } else if (reap(program, code)) {
      return code;
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  const int first = argc > 1 && std::strcmp(argv[1], "--") == 0 ? 2 : 1;
  if (first >= argc) {
    std::fputs("usage: docker-cpp-init [--] PROGRAM [ARGUMENT...]\n", stderr);
    return cannot_execute;
  }
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);  // when it is not process 1
  sigset_t signals{};
  sigset_t before{};
  ::sigfillset(&signals);
  // Faults are this program's own, and must not be waited for.
  for (const int fault : {SIGFPE, SIGILL, SIGSEGV, SIGBUS, SIGABRT, SIGTRAP,
                          SIGSYS, SIGTTIN, SIGTTOU}) {
    ::sigdelset(&signals, fault);
  }
  ::sigprocmask(SIG_SETMASK, &signals, &before);
  const pid_t program = ::fork();
  if (program == 0) {
    become(argv + first, before);
  }
  if (program == -1) {
    std::perror("docker-cpp-init: fork");
    return cannot_execute;
  }
  return look_after(program, signals);
}
