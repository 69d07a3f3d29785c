// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include "docker_cpp/cli/command.hpp"

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + (argc > 0 ? 1 : 0),
                                           argv + argc);
  return docker_cpp::cli::run_program(arguments);
}
