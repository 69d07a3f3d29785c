// SPDX-License-Identifier: Apache-2.0
#include "commands/commands.hpp"
#include "commands/support.hpp"

#include "docker_cpp/cli/text.hpp"

namespace docker_cpp::cli::commands {

int system_check(Context& context, const Arguments& arguments) {
  const bool repair = arguments.flag("repair");
  const auto report = repair ? context.engine.post("/system/check")
                             : context.engine.get("/system/check");
  for (const auto& problem : report["Problems"].items()) {
    print(problem.text() + "\n");
  }
  for (const auto& done : report["Repaired"].items()) {
    print(done.text() + "\n");
  }
  const auto problems = report["Problems"].size();
  print(
      std::to_string(report["Checked"].number()) + " blobs checked, " +
      std::to_string(problems) + " problems" +
      (problems > 0 && !repair ? ": --repair takes away what is damaged" : "") +
      "\n");
  return problems > 0 && !repair ? 1 : 0;
}

}  // namespace docker_cpp::cli::commands
