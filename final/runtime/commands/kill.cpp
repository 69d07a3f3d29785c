// SPDX-License-Identifier: Apache-2.0
#include <csignal>
#include <cstring>
#include <optional>
#include <string_view>

#include "../launch.hpp"

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

/// Also those that are frozen: they die as soon as they are thawed, which on
/// cgroup v1 has to be done for them.
void signal_all(const Container& container, int number) {
  try {
    cgroups::Cgroup::open(container.record().cgroup_path).kill_all(number);
  } catch (const Error& error) {
    if (error.code().value() == ENOENT) {
      throw Refusal("container not running");
    }
    throw;
  }
}

bool has_processes(const Container& container) {
  try {
    return !cgroups::Cgroup::open(container.record().cgroup_path)
                .processes()
                .empty();
  } catch (const Error&) {
    return false;
  }
}

void signal_first(const Container& container, int number) {
  const auto process = container.pidfd();
  if (!process) {
    throw Refusal("container not running");
  }
  must(sys::kill_process(process->get(), number), "signal the container");
}

enum class Whom : std::uint8_t { first, everybody };

void signal_container(const Context& context, const std::string& id, int number,
                      Whom whom) {
  const Container container = Container::open(context.root, id, Access::look);
  const bool running = container.pidfd().has_value();
  // As runc: nobody of a container without a PID namespace survives SIGKILL,
  // be its first process there or not.
  const bool end_all =
      number == SIGKILL &&
      ((running && container.status() == oci::Status::paused) ||
       shares_pids(container.spec()));
  if (end_all && !running && !has_processes(container)) {
    throw Refusal("container not running");
  }
  if (whom == Whom::everybody || end_all) {
    signal_all(container, number);
  } else {
    signal_first(container, number);
  }
}

}  // namespace

int kill_container(Context& context, Arguments arguments) {
  bool all = false;
  bool regex = false;
  Flags flags;
  flags.flag("all a", all, "signal every process of the container");
  flags.flag("regex r", regex, "signal all containers whose id matches");
  const auto words = flags.parse(arguments);
  if (words.empty() || words.size() > 2) {
    throw UsageError(
        "docker-cpp-runtime: \"kill\" requires a container and, maybe, a "
        "signal");
  }
  const std::string name = words.size() == 2 ? words[1] : "TERM";
  const auto number = parse_signal(name);
  if (!number || *number < 0 || *number > SIGRTMAX) {
    throw Refusal("unknown signal \"" + name + "\"");
  }
  const Whom whom = all ? Whom::everybody : Whom::first;
  if (!regex) {
    signal_container(context, words[0], *number, whom);
    return 0;
  }
  int code = 0;
  for (const std::string& id : matching_ids(context.root, words[0])) {
    try {
      signal_container(context, id, *number, whom);
    } catch (const std::exception& error) {
      context.log.error(id + ": " + error.what());
      code = 1;
    }
  }
  return code;
}

}  // namespace docker_cpp::runtime
