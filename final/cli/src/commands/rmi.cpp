// SPDX-License-Identifier: Apache-2.0
#include "commands/commands.hpp"
#include "commands/support.hpp"

#include "docker_cpp/cli/text.hpp"

namespace docker_cpp::cli::commands {

int rmi(Context& context, const Arguments& arguments) {
  const bool force = arguments.flag("force");
  http::Query query;
  query.add_if(force, "force");
  query.add_if(arguments.flag("no-prune"), "noprune");
  bool failed = false;
  std::vector<std::string> failures;
  for (const auto& name : arguments.words) {
    try {
      const auto removed =
          context.engine.remove(image_path(name, query.text()));
      for (const auto& one : removed.items()) {
        const auto& deleted = one["Deleted"].text();
        print(deleted.empty() ? "Untagged: " + one["Untagged"].text() + "\n"
                              : "Deleted: " + deleted + "\n");
      }
    } catch (const DaemonFailure& failure) {
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
