// SPDX-License-Identifier: Apache-2.0
#include "commands/commands.hpp"
#include "commands/output_file.hpp"
#include "commands/support.hpp"

namespace docker_cpp::cli::commands {

int save(Context& context, const Arguments& arguments) {
  http::Query query;
  for (const auto& name : arguments.words) {
    query.add("names", name);
  }
  if (const auto platform = arguments.text("platform"); !platform.empty()) {
    query.add("platform", platform);
  }
  OutputFile file(arguments.text("output"), "save");
  auto exchange = context.engine.open(
      {.method = "GET", .path = "/images/get" + query.text()});
  file.receive(exchange);
  return 0;
}

int export_container(Context& context, const Arguments& arguments) {
  OutputFile file(arguments.text("output"), "export container");
  auto exchange = context.engine.open(
      {.method = "GET", .path = container_path(arguments.words[0], "/export")});
  file.receive(exchange);
  return 0;
}

}  // namespace docker_cpp::cli::commands
