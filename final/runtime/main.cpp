// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string_view>

#include <seccomp.h>

#include "command.hpp"

#include "docker_cpp/build_info.hpp"
#include "docker_cpp/oci/spec.hpp"
#include "docker_cpp/sys/own_executable.hpp"
#include "docker_cpp/sys/startup_pages.hpp"

namespace {

using namespace docker_cpp;
using runtime::Command;

struct Entry {
  std::string_view name;
  Command command;
  const char* words;
  const char* summary;
};

constexpr std::array commands = {
    Entry{"checkpoint", runtime::checkpoint, "CONTAINER",
          "write a running container to a folder"},
    Entry{"create", runtime::create, "CONTAINER", "create a container"},
    Entry{"delete", runtime::delete_container, "CONTAINER",
          "delete a container"},
    Entry{"events", runtime::events, "CONTAINER",
          "show statistics, and when memory runs out"},
    Entry{"exec", runtime::exec, "CONTAINER PROGRAM [ARGUMENT...]",
          "run a program in a container"},
    Entry{"features", runtime::features, "", "show what this runtime can do"},
    Entry{"kill", runtime::kill_container, "CONTAINER [SIGNAL]",
          "send a signal to a container"},
    Entry{"list", runtime::list, "", "list the containers of this root"},
    Entry{"mounts", runtime::mounts, "add|remove CONTAINER FILE",
          "change the mounts of a running container"},
    Entry{"pause", runtime::pause, "CONTAINER",
          "freeze all processes of a container"},
    Entry{"ps", runtime::ps, "CONTAINER [ARGUMENT OF ps...]",
          "show the processes of a container"},
    Entry{"restore", runtime::restore, "CONTAINER",
          "have a container go on that was written to a folder"},
    Entry{"resume", runtime::resume, "CONTAINER", "thaw a paused container"},
    Entry{"run", runtime::run, "CONTAINER", "create and start a container"},
    Entry{"spec", runtime::spec, "", "write a configuration to begin with"},
    Entry{"start", runtime::start, "CONTAINER", "start a created container"},
    Entry{"state", runtime::state, "CONTAINER",
          "show the state of a container"},
    Entry{"update", runtime::update, "CONTAINER",
          "change the limits of a container"},
};

int help(const std::string& flags) {
  std::puts(
      "docker-cpp-runtime: an OCI runtime\n\n"
      "usage: docker-cpp-runtime [FLAGS] COMMAND [FLAGS] [CONTAINER]\n");
  for (const Entry& entry : commands) {
    std::printf("  %-12.*s %s\n", static_cast<int>(entry.name.size()),
                entry.name.data(), entry.summary);
  }
  std::printf(
      "\nflags, before the command:\n%s"
      "\nCOMMAND --help tells of a command's own.\n",
      flags.c_str());
  return 0;
}

int help_of(const Entry& entry, const std::string& flags) {
  std::printf(
      "docker-cpp-runtime %.*s: %s\n\n"
      "usage: docker-cpp-runtime %.*s [FLAGS] %s\n",
      static_cast<int>(entry.name.size()), entry.name.data(), entry.summary,
      static_cast<int>(entry.name.size()), entry.name.data(), entry.words);
  if (!flags.empty()) {
    std::printf("\nflags:\n%s", flags.c_str());
  }
  return 0;
}

int version() {
  const scmp_version* library = ::seccomp_version();
  std::printf(
      "docker-cpp-runtime version %s\ncommit: %s\nspec: %s\n"
      "libseccomp: %u.%u.%u\n",
      build_info.version, build_info.commit, oci::oci_version, library->major,
      library->minor, library->micro);
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

/// What stands before the command.
struct Global {
  bool version = false;
  bool systemd = false;
  std::string log_file, log_format, log_level, cgroup_manager;

  void add(runtime::Flags& flags, runtime::Context& context) {
    flags.text("root", context.root,
               "folder in which containers are remembered");
    flags.text("log", log_file, "file for complaints, besides stderr");
    flags.text("log-format", log_format, "text or json");
    flags.text("log-level", log_level, "debug, info, warning or error");
    flags.flag("systemd-cgroup", systemd, "cgroups are made by systemd");
    flags.text("cgroup-manager", cgroup_manager,
               "cgroupfs, systemd or disabled");
    flags.flag("version v", version, "show the version");
    flags.ignored_flag("debug");
    flags.text("rootless", context.rootless,
               "whether cgroups may be left out: auto, true or false");
    flags.ignored_text("criu");
  }

  void check() const {
    constexpr std::array known = {"", "cgroupfs", "systemd", "disabled"};
    if (std::ranges::find(known, cgroup_manager) == known.end()) {
      throw runtime::UsageError("invalid value \"" + cgroup_manager +
                                "\" for --cgroup-manager: neither cgroupfs, "
                                "systemd nor disabled");
    }
  }
};

int command(runtime::Context& context, const std::string& name,
            runtime::Arguments arguments) {
  for (const Entry& entry : commands) {
    if (entry.name == name) {
      try {
        return entry.command(context, arguments);
      } catch (const runtime::HelpWanted& wanted) {
        return help_of(entry, wanted.what());
      }
    }
  }
  throw runtime::UsageError("No help topic for '" + name + "'");
}

int dispatch(runtime::Context& context, runtime::Arguments arguments) {
  context.root = default_root();
  Global global;
  runtime::Flags flags;
  global.add(flags, context);
  std::vector<std::string> words;
  try {
    // The first word is the command; what follows is the command's.
    words = flags.parse(arguments, 1);
  } catch (const runtime::HelpWanted& wanted) {
    return help(wanted.what());
  }
  context.log.configure(global.log_file, global.log_format, global.log_level);
  if (global.version) {
    return version();
  }
  if (words.empty() || words[0] == "help") {
    return help(flags.describe());
  }
  global.check();
  context.root_given = context.root != default_root();
  context.no_cgroups = global.cgroup_manager == "disabled";
  context.systemd = global.systemd || global.cgroup_manager == "systemd";
  return command(context, words[0], arguments.last(words.size() - 1));
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

/// By its words, which are not parsed yet; a container that has such a name
/// costs its commands half a millisecond.
bool may_start_something(runtime::Arguments words) {
  constexpr std::array starting = {"create", "run", "exec", "restore"};
  return std::ranges::any_of(words, [&](std::string_view word) {
    return std::ranges::find(starting, word) != starting.end();
  });
}

}  // namespace

int main(int argc, char** argv) {
  if (may_start_something({argv + 1, argv + argc})) {
    sys::prepare_heap(192U << 10U);
    sys::protect_own_executable(argv, environ);  // before anything is opened
  }
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
