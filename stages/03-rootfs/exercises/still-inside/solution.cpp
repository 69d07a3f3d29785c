// SPDX-License-Identifier: Apache-2.0
#include <sys/syscall.h>
#include <unistd.h>

#include "exercise.hpp"

bool enter(int folder) {
  if (::fchdir(folder) != 0) {
    return false;
  }
  char path[4096];
  const long length = ::syscall(SYS_getcwd, path, sizeof path);
  if (length > 0 && path[0] == '/') {
    return true;
  }
  static_cast<void>(!::chdir("/"));
  return false;
}
