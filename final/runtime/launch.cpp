// SPDX-License-Identifier: Apache-2.0
#include "launch.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <utility>

#include <climits>

#include "rootless.hpp"
#include "telling.hpp"

#include "docker_cpp/oci/hooks.hpp"
#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/failpoint.hpp"
#include "docker_cpp/sys/file.hpp"
#include "docker_cpp/sys/syscalls.hpp"
#include "docker_cpp/sys/trace.hpp"

namespace docker_cpp::runtime {
namespace {

oci::Spec parse(const std::string& json) {
  const sys::TraceStep trace("read the configuration");
  return oci::parse_spec(json);
}

std::string seccomp_cache(const Context& context, const oci::Spec& spec) {
  if (!spec.linux_spec.seccomp) {
    return "";
  }
  std::string folder = context.root + "/.seccomp";
  ::mkdir(folder.c_str(), 0700);
  return folder;
}

oci::AssemblyOptions assembly_options(const Context& context,
                                      const LaunchOptions& options,
                                      const Container& container,
                                      oci::Spec& spec) {
  oci::AssemblyOptions assembly;
  assembly.bundle = container.record().bundle;
  assembly.seccomp_cache = seccomp_cache(context, spec);
  if (context.systemd) {
    assembly.systemd = oci::systemd_unit_of(spec, container.record().id);
  }
  assembly.no_pivot = options.no_pivot;
  assembly.cgroup = context.no_cgroups ? oci::CgroupUse::none
                    : context.rootless == "false"
                        ? oci::CgroupUse::required
                        : oci::CgroupUse::if_permitted;
  assembly.keyring = options.no_new_keyring ? oci::Keyring::inherited
                                            : oci::Keyring::of_its_own;
  if (spec.process) {
    assembly.preserve_fds =
        preserved_fds(context, options.preserve_fds, spec.process->env);
  }
  return assembly;
}

/// Under systemd, a service says that it is ready at the socket of this name:
/// sd_notify(3). A container is given it as runc gives it.
void pass_notify_socket(oci::Spec& spec) {
  constexpr const char* name = "NOTIFY_SOCKET";
  constexpr const char* inside = "/run/notify/notify.sock";
  const char* socket = std::getenv(name);
  // One whose name begins with '@' is in the network namespace, not in a file.
  if (socket == nullptr || socket[0] != '/' || !spec.process) {
    return;
  }
  spec.mounts.push_back({.destination = inside,
                         .type = "bind",
                         .source = socket,
                         .options = {"bind", "nosuid", "noexec", "nodev"}});
  spec.process->env.push_back(std::string(name) + "=" + inside);
}

/// A container that is to wait for its start does not end by itself; one whose
/// memory limit is too low for its own set-up does, and says nothing.
void check_alive(const namespaces::Process& process, const Container& container,
                 const oci::Spec& spec) {
  pollfd ended{.fd = process.pidfd(), .events = POLLIN, .revents = 0};
  if (::poll(&ended, 1, 0) != 1) {
    return;
  }
  throw Refusal(
      "the container ended while it was set up" +
      out_of_memory(cgroups::Cgroup::open(container.record().cgroup_path),
                    spec));
}

/// What is to be removed with it; an ordinary user's may be without a cgroup.
void remember_folders(Container& container, const oci::Assembly& assembly) {
  container.record().rdt_folders = assembly.rdt_folders;
  if (!assembly.cgroup && container.record().systemd_unit.empty()) {
    container.record().cgroup_path.clear();
  }
}

}  // namespace

void add_launch_flags(Flags& flags, LaunchOptions& options) {
  flags.text("bundle b", options.bundle, "folder of config.json");
  flags.text("config f", options.config, "in place of the bundle's file");
  flags.text("console-socket", options.console_socket,
             "unix socket that the terminal is sent to");
  flags.text("pidfd-socket", options.pidfd_socket,
             "unix socket that a pidfd of the program is sent to");
  flags.text("pid-file", options.pid_file, "file to write the pid to");
  flags.number("preserve-fds", options.preserve_fds,
               "descriptors from 3 on that the program gets");
  flags.flag("no-pivot", options.no_pivot,
             "leave the root by mount and chroot: for hosts on a ramfs");
  flags.flag("no-new-keyring", options.no_new_keyring,
             "stay in the caller's session keyring");
  flags.optional("explain", options.explain,
                 "tell each step of the start: =text, =json, =trace:FILE");
}

static Launched launch_untold(Context& context, const std::string& id,
                              const LaunchOptions& options, Gate gate,
                              Attendance attendance) {
  const std::string bundle = absolute_bundle(options.bundle);
  const std::string json = read_config(bundle, options.config);
  oci::Spec spec = parse(json);
  pass_notify_socket(spec);
  const uid_t owner = ::getuid();
  if (::geteuid() != 0) {
    become_root_for(spec);
  }
  check_console(spec.process && spec.process->terminal, options.console_socket,
                attendance);

  Creation creation(
      context,
      {.id = id, .bundle = bundle, .json = json, .spec = spec, .owner = owner});
  Container& container = creation.container();
  oci::Assembly assembly = oci::assemble(
      spec, id, assembly_options(context, options, container, spec));
  creation.cgroup_made();
  remember_folders(container, assembly);
  for (const std::string& warning : assembly.warnings) {
    context.log.warning(warning);
  }
  DOCKER_CPP_FAILPOINT("runtime.assembled");
  sys::UniqueFd gate_folder;
  if (gate == Gate::closed) {
    gate_folder = container.make_gate();
    assembly.program.start_gate = gate_folder.get();
  }
  end_lines_plainly(assembly, options.console_socket);
  namespaces::Process process =
      namespaces::Process::start(assembly.program, assembly.isolations);
  if (gate == Gate::closed) {
    check_alive(process, container, spec);
  }
  creation.began(process.pid());
  auto terminal = hand_over_console(assembly, options.console_socket);
  hand_over_pidfd(process, options.pidfd_socket);
  if (!options.pid_file.empty()) {
    write_pid_file(options.pid_file, process.pid());
  }
  DOCKER_CPP_FAILPOINT("runtime.launched");
  return {.container = creation.keep(),
          .spec = std::move(spec),
          .process = std::move(process),
          .cgroup = std::move(assembly.cgroup),
          .terminal = std::move(terminal)};
}

Launched launch(Context& context, const std::string& id,
                const LaunchOptions& options, Gate gate,
                Attendance attendance) {
  const Telling telling(options.explain);
  return launch_untold(context, id, options, gate, attendance);
}

std::string out_of_memory(const cgroups::Cgroup& cgroup,
                          const oci::Spec& spec) {
  if (cgroup.oom_kills() == 0 || !spec.linux_spec.resources.memory_limit) {
    return "";
  }
  return ": it was killed for want of memory, "
         "linux.resources.memory.limit is " +
         std::to_string(*spec.linux_spec.resources.memory_limit) + " bytes";
}

void after_start(const Container& container, const oci::Spec& spec) {
  if (spec.hooks.poststart.empty()) {
    return;
  }
  try {
    oci::run_hooks(spec.hooks.poststart, "poststart",
                   container.state(oci::Status::running));
  } catch (const Error&) {
    // Fatal since 1.3: runtime.md, Lifecycle, step 9.
    if (const auto process = container.pidfd()) {
      static_cast<void>(sys::kill_process(process->get(), SIGKILL));
    }
    throw;
  }
}

}  // namespace docker_cpp::runtime
