// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string_view>

#include "command.hpp"

#include "docker_cpp/oci/spec.hpp"

namespace {

using namespace docker_cpp;
using runtime::Command;

struct Entry {
  std::string_view name;
  Command command;
  const char* summary;
};

constexpr std::array commands = {
    Entry{"create", runtime::create, "create a container"},
    Entry{"delete", runtime::delete_container, "delete a container"},
    Entry{"exec", runtime::exec, "run a program in a container"},
    Entry{"features", runtime::features, "show what this runtime can do"},
    Entry{"kill", runtime::kill_container, "send a signal to a container"},
    Entry{"list", runtime::list, "list the containers of this root"},
    Entry{"pause", runtime::pause, "freeze all processes of a container"},
    Entry{"ps", runtime::ps, "show the processes of a container"},
    Entry{"resume", runtime::resume, "thaw a paused container"},
    Entry{"run", runtime::run, "create and start a container"},
    Entry{"spec", runtime::spec, "write a configuration to begin with"},
    Entry{"start", runtime::start, "start a created container"},
    Entry{"state", runtime::state, "show the state of a container"},
    Entry{"update", runtime::update, "change the limits of a container"},
};

int help() {
  std::puts(
      "docker-cpp-runtime: an OCI runtime\n\n"
      "usage: docker-cpp-runtime [--root FOLDER] [--log FILE]\n"
      "         [--log-format text|json] COMMAND [FLAGS] [CONTAINER]\n");
  for (const Entry& entry : commands) {
    std::printf("  %-10.*s %s\n", static_cast<int>(entry.name.size()),
                entry.name.data(), entry.summary);
  }
  return 0;
}

int version() {
  std::printf("docker-cpp-runtime version 0.1.0\nspec: %s\n", oci::oci_version);
  return 0;
}

/// Where containers are remembered unless told otherwise.
std::string default_root() {
  const char* own = std::getenv("XDG_RUNTIME_DIR");
  if (::geteuid() != 0 && own != nullptr && *own == '/') {
    return std::string(own) + "/docker-cpp-runtime";
  }
  return "/run/docker-cpp-runtime";
}

int dispatch(runtime::Context& context, runtime::Arguments arguments) {
  bool show_help = false;
  bool show_version = false;
  bool systemd = false;
  std::string log_file;
  std::string log_format;
  context.root = default_root();
  runtime::Flags flags;
  flags.text("root", context.root);
  flags.text("log", log_file);
  flags.text("log-format", log_format);
  flags.flag("systemd-cgroup", systemd);
  flags.flag("help h", show_help);
  flags.flag("version v", show_version);
  flags.ignored_flag("debug");
  flags.ignored_text("log-level");
  flags.ignored_text("rootless");
  flags.ignored_text("criu");
  // The first word is the command; what follows is the command's.
  const auto words = flags.parse(arguments, 1);
  context.log.configure(log_file, log_format);
  if (show_version) {
    return version();
  }
  if (show_help || words.empty() || words[0] == "help") {
    return help();
  }
  if (systemd) {
    throw runtime::Refusal(
        "--systemd-cgroup: cgroups are managed by this runtime itself; leave "
        "the flag out");
  }
  for (const Entry& entry : commands) {
    if (entry.name == words[0]) {
      return entry.command(context, arguments.last(words.size() - 1));
    }
  }
  throw runtime::UsageError("No help topic for '" + words[0] + "'");
}

/// Before anything is opened: 0, 1 and 2 are made sure of, and what follows
/// them is what `--preserve-fds` may hand on.
unsigned inherited_fds() {
  int fd = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  while (fd >= 0 && fd <= 2) {
    fd = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  }
  ::close(fd);
  unsigned count = 0;
  while (::fcntl(static_cast<int>(3 + count), F_GETFD) != -1) {
    ++count;
  }
  return count;
}

}  // namespace

int main(int argc, char** argv) {
  runtime::Context context;
  context.inherited_fds = inherited_fds();
  try {
    return dispatch(context, {argv + 1, argv + argc});
  } catch (const runtime::Failure& error) {
    context.log.error(error.what());
    return error.exit_code();
  } catch (const std::exception& error) {
    context.log.error(error.what());
    return 1;
  }
}
