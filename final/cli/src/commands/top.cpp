// SPDX-License-Identifier: Apache-2.0
#include "commands/commands.hpp"
#include "commands/support.hpp"

#include "docker_cpp/cli/table.hpp"
#include "docker_cpp/cli/text.hpp"

namespace docker_cpp::cli::commands {

namespace {

std::string line_of(const Value& cells) {
  std::vector<std::string> texts;
  for (const auto& cell : cells.items()) {
    texts.push_back(cell.text());
  }
  return join(texts, "\t") + "\n";
}

}  // namespace

int top(Context& context, const Arguments& arguments) {
  http::Query query;
  if (arguments.words.size() > 1) {
    query.add("ps_args",
              join({arguments.words.begin() + 1, arguments.words.end()}, " "));
  }
  const auto list = context.engine.get(
      container_path(arguments.words[0], "/top" + query.text()));
  auto text = line_of(list["Titles"]);
  for (const auto& process : list["Processes"].items()) {
    text += line_of(process);
  }
  print(align(text, {.least_width = 20, .padding = 3}));
  return 0;
}

}  // namespace docker_cpp::cli::commands
