// SPDX-License-Identifier: Apache-2.0
#include "commands/commands.hpp"
#include "commands/support.hpp"

namespace docker_cpp::cli::commands {

int unpause(Context& context, const Arguments& arguments) {
  return for_each_word(arguments, [&](const std::string& name) {
    context.engine.post(container_path(name, "/unpause"));
    return name;
  });
}

}  // namespace docker_cpp::cli::commands
