// SPDX-License-Identifier: Apache-2.0
#include <sys/wait.h>
#include <unistd.h>

#include "exercise.hpp"

int run_prepared(const std::function<void()>& prepare,
                 const std::function<int()>& program) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::_exit(program());  // who says that the parent is ready?
  }
  prepare();
  int status = 0;
  ::waitpid(child, &status, 0);
  return WEXITSTATUS(status);
}
