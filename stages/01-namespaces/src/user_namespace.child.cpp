// SPDX-License-Identifier: Apache-2.0
#include "user_namespace.hpp"

#include <sched.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <csignal>

#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::namespaces {

void live_in_namespace(int user_namespace, int socket) noexcept {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (user_namespace != -1 &&
      !sys::join_namespace(user_namespace, CLONE_NEWUSER)) {
    ::_exit(1);
  }
  char byte = 0;
  if (sys::write_byte(socket)) {
    static_cast<void>(
        sys::read_full(socket, std::as_writable_bytes(std::span(&byte, 1))));
  }
  ::_exit(0);
}

}  // namespace docker_cpp::namespaces
