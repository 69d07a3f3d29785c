// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "commands/commands.hpp"
#include "commands/support.hpp"

#include "docker_cpp/cli/text.hpp"
#include "docker_cpp/cli/units.hpp"

namespace docker_cpp::cli::commands {

namespace {

std::string address(const Value& binding) {
  const auto& ip = binding["HostIp"].text();
  return (ip.find(':') == std::string::npos ? ip : "[" + ip + "]") + ":" +
         binding["HostPort"].text();
}

/// "9/tcp" before "80/tcp".
bool by_number(const std::string& left, const std::string& right) {
  const auto number = [](const std::string& line) {
    return parse_unsigned(cut(line, '/').first).value_or(0);
  };
  return number(left) != number(right) ? number(left) < number(right)
                                       : left < right;
}

}  // namespace

int port(Context& context, const Arguments& arguments) {
  const auto& name = arguments.words[0];
  const auto container = context.engine.get(container_path(name, "/json"));
  const auto& ports = container["NetworkSettings"]["Ports"];
  std::vector<std::string> lines;
  if (arguments.words.size() == 2) {
    const auto& wanted = arguments.words[1];
    const auto key =
        wanted.find('/') == std::string::npos ? wanted + "/tcp" : wanted;
    const auto& bindings = ports[key].items();
    if (bindings.empty()) {
      throw Failure("Error: No public port '" + wanted + "' published for " +
                    name);
    }
    for (const auto& binding : bindings) {
      lines.push_back(address(binding));
    }
  } else {
    for (const auto& [inside, bindings] : ports.members()) {
      for (const auto& binding : bindings.items()) {
        lines.push_back(inside + " -> " + address(binding));
      }
    }
    std::ranges::sort(lines, by_number);
  }
  if (!lines.empty()) {
    print(join(lines, "\n") + "\n");
  }
  return 0;
}

}  // namespace docker_cpp::cli::commands
