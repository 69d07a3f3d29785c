// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "commands/commands.hpp"
#include "commands/support.hpp"

#include "docker_cpp/cli/text.hpp"

namespace docker_cpp::cli::commands {

namespace {

std::string folder_query(const Arguments& arguments) {
  http::Query query;
  if (const auto folder = arguments.text("checkpoint-dir"); !folder.empty()) {
    query.add("dir", folder);
  }
  return query.text();
}

}  // namespace

int checkpoint_create(Context& context, const Arguments& arguments) {
  const auto& name = arguments.words[1];
  context.engine.post(
      container_path(arguments.words[0], "/checkpoints"),
      Value::object()
          .set("CheckpointID", name)
          .set("CheckpointDir", arguments.text("checkpoint-dir"))
          .set("Exit", Value(!arguments.flag("leave-running"))));
  print(name + "\n");
  return 0;
}

int checkpoint_list(Context& context, const Arguments& arguments) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 1>
      headers = {{{"Name", "CHECKPOINT NAME"}}};
  const auto found = context.engine.get(container_path(
      arguments.words[0], "/checkpoints" + folder_query(arguments)));
  print_list("",
             {.table = "{{.Name}}",
              .headers = headers,
              .type = "*checkpoint.checkpointContext"},
             found.items());
  return 0;
}

int checkpoint_remove(Context& context, const Arguments& arguments) {
  context.engine.remove(container_path(
      arguments.words[0], "/checkpoints/" + http::escape(arguments.words[1]) +
                              folder_query(arguments)));
  return 0;
}

}  // namespace docker_cpp::cli::commands
