// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include "docker_cpp/daemon/monitor_main.hpp"
#include "docker_cpp/sys/own_executable.hpp"

int main(int argc, char** argv) {
  docker_cpp::sys::protect_own_executable(argv, environ);
  return docker_cpp::monitor::monitor_main(argc, argv);
}
