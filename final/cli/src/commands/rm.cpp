// SPDX-License-Identifier: Apache-2.0
#include "commands/commands.hpp"
#include "commands/support.hpp"

#include "docker_cpp/cli/text.hpp"

namespace docker_cpp::cli::commands {

int rm(Context& context, const Arguments& arguments) {
  const bool force = arguments.flag("force");
  http::Query query;
  query.add_if(force, "force");
  query.add_if(arguments.flag("link"), "link");
  query.add_if(arguments.flag("volumes"), "v");
  bool failed = false;
  std::vector<std::string> failures;
  for (const auto& name : arguments.words) {
    try {
      context.engine.remove(container_path(name, query.text()));
      print(name + "\n");
    } catch (const DaemonFailure& failure) {
      // With --force, what is not there counts as removed.
      failed = failed || !force || failure.status() != 404;
      failures.push_back(failure.message());
    }
  }
  if (!failures.empty()) {
    print_error(join(failures, "\n") + "\n");
  }
  return failed ? 1 : 0;
}

}  // namespace docker_cpp::cli::commands
