// SPDX-License-Identifier: Apache-2.0
#include "commands/commands.hpp"
#include "commands/support.hpp"

namespace docker_cpp::cli::commands {

int wait(Context& context, const Arguments& arguments) {
  return for_each_word(arguments, [&](const std::string& name) {
    const auto result = context.engine.post(container_path(name, "/wait"));
    const auto& error = result["Error"]["Message"].text();
    if (!error.empty()) {
      throw Failure(error);
    }
    return std::to_string(result["StatusCode"].number());
  });
}

}  // namespace docker_cpp::cli::commands
