// SPDX-License-Identifier: Apache-2.0
#include "commands/commands.hpp"
#include "commands/support.hpp"
#include "create_body_parts.hpp"

#include "docker_cpp/cli/create_parts.hpp"
#include "docker_cpp/cli/text.hpp"

namespace docker_cpp::cli::commands {

int update(Context& context, const Arguments& arguments) {
  if (arguments.options.empty()) {
    throw Failure("you must provide one or more flags when using this command");
  }
  auto body = Value::object();
  add_resources(arguments, body);
  if (arguments.given("restart")) {
    auto policy = parse_restart(arguments.text("restart"));
    if (!policy) {
      throw Failure(policy.error());
    }
    body.set("RestartPolicy", *std::move(policy));
  }
  std::vector<std::string> warnings;
  const int code = for_each_word(arguments, [&](const std::string& name) {
    const auto answer =
        context.engine.post(container_path(name, "/update"), body);
    for (const auto& warning : answer["Warnings"].items()) {
      warnings.push_back(warning.text());
    }
    return name;
  });
  if (!warnings.empty()) {
    print(join(warnings, "\n") + "\n");
  }
  return code;
}

}  // namespace docker_cpp::cli::commands
