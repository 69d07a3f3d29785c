// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <charconv>
#include <map>
#include <sstream>
#include <utility>

#include "../foreground.hpp"
#include "../launch.hpp"
#include "../rootless.hpp"
#include "../telling.hpp"

#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/file.hpp"

namespace docker_cpp::runtime {
namespace {

struct ExecOptions {
  std::string process_file, console_socket, cwd, user, pid_file, apparmor;
  std::string process_label, pidfd_socket;
  std::vector<std::string> cgroups, env, groups, capabilities;
  std::int64_t preserve_fds = 0;
  bool tty = false;
  bool detach = false;
  bool no_new_privileges = false;
  bool ignore_paused = false;
  std::optional<std::string> explain;
};

void add_flags(Flags& flags, ExecOptions& options) {
  flags.text("process p", options.process_file,
             "file with a process object of the specification");
  flags.text("console-socket", options.console_socket,
             "unix socket that the terminal is sent to");
  flags.text("pidfd-socket", options.pidfd_socket,
             "unix socket that a pidfd of the program is sent to");
  flags.text("cwd", options.cwd, "folder to begin in");
  flags.text("user u", options.user, "uid[:gid]");
  flags.text("pid-file", options.pid_file, "file to write the pid to");
  flags.text("apparmor", options.apparmor, "profile to run under");
  flags.text("process-label", options.process_label, "SELinux label");
  flags.list("cgroup", options.cgroups,
             "[controller,...:]path below the container's cgroup");
  flags.list("env e", options.env, "NAME=value");
  flags.list("additional-gids g", options.groups, "a group more");
  flags.list("cap c", options.capabilities, "a capability more");
  flags.number("preserve-fds", options.preserve_fds,
               "descriptors from 3 on that the program gets");
  flags.flag("tty t", options.tty, "with a terminal");
  flags.flag("detach d", options.detach, "do not wait for its end");
  flags.flag("no-new-privs", options.no_new_privileges,
             "programs cannot gain privileges");
  flags.flag("ignore-paused", options.ignore_paused,
             "also in a paused container");
  flags.optional("explain", options.explain,
                 "tell each step of the start: =text, =json, =trace:FILE");
  flags.ignored_flag("no-subreaper");
}

std::uint32_t parse_id(const char* flag, const std::string& text) {
  std::uint32_t id = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, id);
  if (error != std::errc{} || rest != end) {
    throw UsageError("invalid value \"" + text + "\" for --" + flag +
                     ": not an id");
  }
  return id;
}

void set_user(oci::ProcessSpec& process, const std::string& text) {
  const std::size_t colon = text.find(':');
  process.user.uid = parse_id("user", text.substr(0, colon));
  process.user.username.clear();
  if (colon != std::string::npos) {
    process.user.gid = parse_id("user", text.substr(colon + 1));
  }
}

void add_capabilities(oci::ProcessSpec& process,
                      const std::vector<std::string>& names) {
  if (names.empty()) {
    return;
  }
  if (!process.capabilities) {
    process.capabilities.emplace();
  }
  oci::CapabilitiesSpec& sets = *process.capabilities;
  for (auto* set : {&sets.bounding, &sets.effective, &sets.permitted}) {
    set->insert(set->end(), names.begin(), names.end());
  }
  // Only what is inheritable can be ambient; whether anything is, the
  // configuration says: as with runc.
  if (!sets.inheritable.empty()) {
    sets.ambient.insert(sets.ambient.end(), names.begin(), names.end());
  }
}

/// The container's own process with what the flags change.
oci::ProcessSpec process_of(const ExecOptions& options, const oci::Spec& spec,
                            std::vector<std::string> command) {
  if (!options.process_file.empty()) {
    return oci::parse_process(
        must(sys::read_file(options.process_file.c_str()),
             "read the process file " + options.process_file));
  }
  if (command.empty()) {
    throw UsageError("process args cannot be empty");
  }
  oci::ProcessSpec process = spec.process.value_or(oci::ProcessSpec{});
  process.args = std::move(command);
  process.terminal = options.tty;
  process.console_size.reset();
  process.env.insert(process.env.end(), options.env.begin(), options.env.end());
  if (!options.cwd.empty()) {
    process.cwd = options.cwd;
  }
  if (!options.user.empty()) {
    set_user(process, options.user);
  }
  for (const std::string& group : options.groups) {
    process.user.additional_gids.push_back(parse_id("additional-gids", group));
  }
  add_capabilities(process, options.capabilities);
  process.no_new_privileges |= options.no_new_privileges;
  if (!options.apparmor.empty()) {
    process.apparmor_profile = options.apparmor;
  }
  if (!options.process_label.empty()) {
    process.selinux_label = options.process_label;
  }
  return process;
}

void check_status(const Container& container, const ExecOptions& options) {
  const oci::Status status = container.status();
  if (status == oci::Status::stopped || status == oci::Status::creating) {
    throw Refusal("cannot exec in a stopped container");
  }
  if (status == oci::Status::paused && !options.ignore_paused) {
    throw Refusal(
        "cannot exec in a paused container (use --ignore-paused to override)");
  }
}

/// "memory,pids:/sub" for some controllers, "/sub" for all: runc's notation.
std::map<std::string, std::string> sub_cgroups(
    const std::vector<std::string>& asked) {
  std::map<std::string, std::string> below;
  for (const std::string& one : asked) {
    const std::size_t colon = one.find(':');
    const bool named = colon != std::string::npos;
    const std::string path = named ? one.substr(colon + 1) : one;
    if (("/" + path + "/").find("/../") != std::string::npos) {
      throw UsageError("--cgroup " + one +
                       ": bad sub cgroup path: must not contain \"..\"");
    }
    if (!named && asked.size() > 1) {
      throw UsageError("invalid --cgroup argument: " + one +
                       " (missing <controller>: prefix)");
    }
    std::istringstream controllers(named ? one.substr(0, colon) + "," : ",");
    for (std::string name; std::getline(controllers, name, ',');) {
      if (named && name.empty()) {
        throw UsageError("invalid --cgroup argument: " + one +
                         " (empty <controller> prefix)");
      }
      if (!below.emplace(name, path).second) {
        throw UsageError(
            "invalid --cgroup argument(s): specifying multiple paths for " +
            name + " controller is not supported");
      }
    }
  }
  return below;
}

oci::Assembly assembly_of(Context& context, const Container& container,
                          const ExecOptions& options,
                          std::vector<std::string> command) {
  const oci::Spec spec = container.spec();
  oci::ProcessSpec process = process_of(options, spec, std::move(command));
  check_console(process.terminal, options.console_socket,
                options.detach ? Attendance::detached : Attendance::foreground);
  oci::AssemblyOptions assembly;
  assembly.preserve_fds =
      preserved_fds(context, options.preserve_fds, process.env);
  assembly.seccomp_profile = spec.linux_spec.seccomp;
  assembly.state = container.state(oci::Status::running);
  assembly.intel_rdt = spec.linux_spec.intel_rdt;
  assembly.sub_cgroups = sub_cgroups(options.cgroups);
  if (spec.linux_spec.seccomp) {
    assembly.seccomp_cache = context.root + "/.seccomp";
  }
  return oci::assemble_exec(process, container.record().pid,
                            container.record().cgroup_path,
                            std::move(assembly));
}

int execute(Context& context, const ExecOptions& options,
            std::vector<std::string> words) {
  const Container container =
      Container::open(context.root, words[0], Access::look);
  check_status(container, options);
  words.erase(words.begin());
  if (::geteuid() != 0) {
    become_root_beside(container.record().pid);
  }
  std::optional<Foreground> foreground;
  if (!options.detach) {
    foreground.emplace();
  }
  std::optional<Telling> telling(std::in_place, options.explain);
  oci::Assembly assembly =
      assembly_of(context, container, options, std::move(words));
  for (const std::string& warning : assembly.warnings) {
    context.log.warning(warning);
  }
  end_lines_plainly(assembly, options.console_socket);
  auto process =
      namespaces::Process::start(assembly.program, assembly.isolations);
  const auto terminal = hand_over_console(assembly, options.console_socket);
  hand_over_pidfd(process, options.pidfd_socket);
  telling.reset();
  if (!options.pid_file.empty()) {
    write_pid_file(options.pid_file, process.pid());
  }
  if (foreground) {
    return foreground->attend(process, terminal);
  }
  static_cast<void>(process.release());
  return 0;
}

}  // namespace

int exec(Context& context, Arguments arguments) {
  ExecOptions options;
  Flags flags;
  add_flags(flags, options);
  auto words = flags.parse(arguments, 1);  // the rest is the program's
  if (words.empty()) {
    throw UsageError("\"exec\" requires a minimum of 1 argument");
  }
  int code = 0;
  try {
    naming_failure("exec failed",
                   [&] { code = execute(context, options, std::move(words)); });
  } catch (const Failure& failure) {
    // Not one that the program itself is likely to end with: runc's.
    throw Failure(failure.what(), 255);
  }
  return code;
}

}  // namespace docker_cpp::runtime
