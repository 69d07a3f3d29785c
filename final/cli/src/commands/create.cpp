// SPDX-License-Identifier: Apache-2.0
#include "commands/commands.hpp"
#include "commands/container_create.hpp"

#include "docker_cpp/cli/text.hpp"

namespace docker_cpp::cli::commands {

int create(Context& context, const Arguments& arguments) {
  const auto request = read_create_options(context, arguments);
  print(create_container(context, arguments, request) + "\n");
  return 0;
}

}  // namespace docker_cpp::cli::commands
