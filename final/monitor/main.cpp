// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/daemon/monitor_main.hpp"

int main(int argc, char** argv) {
  return docker_cpp::monitor::monitor_main(argc, argv);
}
