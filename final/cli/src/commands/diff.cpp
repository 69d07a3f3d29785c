// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "commands/commands.hpp"
#include "commands/support.hpp"

#include "docker_cpp/cli/text.hpp"

namespace docker_cpp::cli::commands {

int diff(Context& context, const Arguments& arguments) {
  constexpr std::string_view kinds = "CAD";  // changed, added, deleted
  const auto changes =
      context.engine.get(container_path(arguments.words[0], "/changes"));
  std::string text;
  for (const auto& change : changes.items()) {
    const auto kind = static_cast<std::size_t>(change["Kind"].number());
    if (kind < kinds.size()) {
      text += std::string(1, kinds[kind]) + " " + change["Path"].text() + "\n";
    }
  }
  print(text);
  return 0;
}

}  // namespace docker_cpp::cli::commands
