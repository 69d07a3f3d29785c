// SPDX-License-Identifier: Apache-2.0
#include <csignal>
#include <cstring>
#include <optional>
#include <string_view>

#include "../command.hpp"

#include "docker_cpp/cgroups/cgroup.hpp"
#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::runtime {
namespace {

/// "KILL", "SIGKILL", "9", "RTMIN+3".
std::optional<int> parse_signal(std::string_view text) {
  if (!text.empty() &&
      text.find_first_not_of("0123456789") == std::string_view::npos &&
      text.size() <= 2) {
    return static_cast<int>(parse_number("signal", std::string(text)));
  }
  if (text.starts_with("SIG")) {
    text.remove_prefix(3);
  }
  if (text == "RTMIN" || text.starts_with("RTMIN+")) {
    const std::string_view plus = text.size() > 6 ? text.substr(6) : "0";
    return SIGRTMIN +
           static_cast<int>(parse_number("signal", std::string(plus)));
  }
  for (int number = 1; number < SIGRTMIN; ++number) {
    const char* name = ::sigabbrev_np(number);
    if (name != nullptr && text == name) {
      return number;
    }
  }
  return std::nullopt;
}

}  // namespace

int kill_container(Context& context, Arguments arguments) {
  bool all = false;
  Flags flags;
  flags.flag("all a", all);
  const auto words = flags.parse(arguments);
  if (words.empty() || words.size() > 2) {
    throw UsageError("\"kill\" requires a container and, maybe, a signal");
  }
  const std::string name = words.size() == 2 ? words[1] : "TERM";
  const auto number = parse_signal(name);
  if (!number || *number < 0 || *number > SIGRTMAX) {
    throw Refusal("unknown signal \"" + name + "\"");
  }
  const Container container =
      Container::open(context.root, words[0], Access::look);
  if (all) {
    cgroups::Cgroup::open(container.record().cgroup_path).kill_all(*number);
    return 0;
  }
  const auto process = container.pidfd();
  if (!process) {
    throw Refusal("container not running");
  }
  must(sys::kill_process(process->get(), *number), "signal the container");
  return 0;
}

}  // namespace docker_cpp::runtime
