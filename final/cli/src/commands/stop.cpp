// SPDX-License-Identifier: Apache-2.0
#include "commands/commands.hpp"
#include "commands/support.hpp"

namespace docker_cpp::cli::commands {

namespace {

int stop_or_restart(Context& context, const Arguments& arguments,
                    std::string_view verb) {
  http::Query query;
  if (arguments.given("signal")) {
    query.add("signal", arguments.text("signal"));
  }
  if (arguments.given("timeout")) {
    query.add("t", arguments.text("timeout"));
  }
  const auto rest = std::string(verb) + query.text();
  return for_each_word(arguments, [&](const std::string& name) {
    context.engine.post(container_path(name, rest));
    return name;
  });
}

}  // namespace

int stop(Context& context, const Arguments& arguments) {
  return stop_or_restart(context, arguments, "/stop");
}

int restart(Context& context, const Arguments& arguments) {
  return stop_or_restart(context, arguments, "/restart");
}

}  // namespace docker_cpp::cli::commands
