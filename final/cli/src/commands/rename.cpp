// SPDX-License-Identifier: Apache-2.0
#include "commands/commands.hpp"
#include "commands/support.hpp"

#include "docker_cpp/cli/text.hpp"

namespace docker_cpp::cli::commands {

int rename(Context& context, const Arguments& arguments) {
  const auto& old_name = arguments.words[0];
  const auto new_name = std::string(trim(arguments.words[1]));
  if (trim(old_name).empty() || new_name.empty()) {
    throw Failure("Error: Neither old nor new names may be empty");
  }
  http::Query query;
  query.add("name", new_name);
  try {
    context.engine.post(container_path(old_name, "/rename" + query.text()));
  } catch (const DaemonFailure& failure) {
    print_error(failure.message() + "\n");
    throw Failure("Error: failed to rename container named " + old_name);
  }
  return 0;
}

}  // namespace docker_cpp::cli::commands
