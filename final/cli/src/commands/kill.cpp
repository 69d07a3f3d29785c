// SPDX-License-Identifier: Apache-2.0
#include "commands/commands.hpp"
#include "commands/support.hpp"

namespace docker_cpp::cli::commands {

int kill(Context& context, const Arguments& arguments) {
  http::Query query;
  if (arguments.given("signal")) {
    query.add("signal", arguments.text("signal"));
  }
  return for_each_word(arguments, [&](const std::string& name) {
    context.engine.post(container_path(name, "/kill" + query.text()));
    return name;
  });
}

}  // namespace docker_cpp::cli::commands
