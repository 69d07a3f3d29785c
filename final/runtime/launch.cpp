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

std::string absolute(const std::string& path) {
  char resolved[PATH_MAX];
  if (::realpath(path.c_str(), resolved) == nullptr) {
    throw Error({.code = errno, .call = "realpath"}, "find the bundle " + path);
  }
  return resolved;
}

std::string read_config(const std::string& path) {
  auto text = sys::read_file(path.c_str(), 16U << 20);
  if (!text && text.error().code == ENOENT) {
    throw Refusal("JSON specification file " + path + " not found");
  }
  return must(std::move(text), "read " + path);
}

enum class Processes : std::uint8_t { ended, to_kill };

void remove(cgroups::Cgroup& cgroup, Processes processes) {
  if (processes == Processes::to_kill) {
    cgroup.kill_all(SIGKILL);
  }
  cgroup.remove();
}

void remove_cgroup(const Record& record, Processes processes) {
  try {
    auto cgroup = cgroups::Cgroup::open(record.cgroup_path);
    remove(cgroup, processes);
  } catch (const Error& error) {
    if (error.code().value() != ENOENT) {
      throw;
    }
  }
  if (!record.systemd_unit.empty()) {
    // What is left where systemd has removed its part already.
    cgroups::Cgroup::remove_all(record.cgroup_path);
    cgroups::stop_systemd_unit(record.systemd_unit);
  }
}

void remove_rdt(const Record& record) {
  for (const std::string& folder : record.rdt_folders) {
    ::rmdir(folder.c_str());
  }
}

Record record_of(const Context& context, const std::string& id,
                 const std::string& bundle, const oci::Spec& spec) {
  Record record;
  record.id = id;
  record.bundle = bundle;
  record.owner = ::getuid();
  record.created = timestamp(Precision::nanoseconds);
  if (context.systemd) {
    const cgroups::SystemdUnit unit = oci::systemd_unit_of(spec, id);
    record.cgroup_path = unit.cgroup_path();
    record.systemd_unit = unit.name;
  } else {
    record.cgroup_path = oci::cgroup_path_of(spec, id);
  }
  if (spec.root) {
    record.rootfs = spec.root->path.starts_with('/')
                        ? spec.root->path
                        : bundle + "/" + spec.root->path;
  }
  return record;
}

oci::Spec parse(const std::string& json) {
  const sys::TraceStep trace("read the configuration");
  return oci::parse_spec(json);
}

Container make_container(const Context& context, Record record,
                         const std::string& json) {
  const sys::TraceStep trace("remember the container");
  Container container = Container::make(context.root, record.id, json);
  container.record() = std::move(record);
  container.save();
  return container;
}

oci::State stopped_state(const Container& container, const oci::Spec& spec) {
  return {.id = container.record().id,
          .status = oci::Status::stopped,
          .pid = 0,
          .bundle = container.record().bundle,
          .annotations = spec.annotations};
}

/// Undoes a creation that failed, unless told that it did not.
class Undo {
 public:
  Undo(Container& container, const oci::Spec& spec)
      : container_(&container), spec_(&spec) {}
  ~Undo() {
    if (container_ == nullptr) {
      return;
    }
    try {
      if (cgroup_made_) {
        remove_cgroup(container_->record(), Processes::to_kill);
        remove_rdt(container_->record());
      }
      container_->remove_folder();
      if (cgroup_made_) {
        // A hook that failed "continues the lifecycle at step 12", whose end
        // are the poststop hooks: runtime.md, Lifecycle.
        oci::run_hooks(spec_->hooks.poststop, "poststop",
                       stopped_state(*container_, *spec_));
      }
    } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch)
      // The first failure is on its way up; `delete --force` finds the rest.
    }
  }
  Undo(const Undo&) = delete;
  Undo& operator=(const Undo&) = delete;
  Undo(Undo&&) = delete;
  Undo& operator=(Undo&&) = delete;

  void cgroup_made() noexcept { cgroup_made_ = true; }
  void nothing() noexcept { container_ = nullptr; }

 private:
  Container* container_;
  const oci::Spec* spec_;
  bool cgroup_made_ = false;
};

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
  assembly.cgroup = context.rootless == "false" ? oci::CgroupUse::required
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

void remember_process(Container& container, pid_t pid) {
  container.record().pid = pid;
  if (const auto facts = process_facts(pid)) {
    container.record().start_time = facts->start_time;
  }
  container.save();
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
  const std::string bundle = absolute(options.bundle);
  const std::string json = read_config(
      options.config.empty() ? bundle + "/config.json" : options.config);
  oci::Spec spec = parse(json);
  pass_notify_socket(spec);
  const uid_t owner = ::getuid();
  if (::geteuid() != 0) {
    become_root_for(spec);
  }
  check_console(spec.process && spec.process->terminal, options.console_socket,
                attendance);

  Record record = record_of(context, id, bundle, spec);
  record.owner = owner;
  Container container = make_container(context, std::move(record), json);
  Undo undo(container, spec);
  oci::Assembly assembly = oci::assemble(
      spec, id, assembly_options(context, options, container, spec));
  undo.cgroup_made();
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
  namespaces::Process process =
      namespaces::Process::start(assembly.program, assembly.isolations);
  if (gate == Gate::closed) {
    check_alive(process, container, spec);
  }
  remember_process(container, process.pid());
  auto terminal = hand_over_console(assembly, options.console_socket);
  hand_over_pidfd(process, options.pidfd_socket);
  if (!options.pid_file.empty()) {
    write_pid_file(options.pid_file, process.pid());
  }
  DOCKER_CPP_FAILPOINT("runtime.launched");
  undo.nothing();
  return {.container = std::move(container),
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

bool shares_pids(const oci::Spec& spec) {
  const auto* pids =
      oci::find_namespace(spec.linux_spec, namespaces::Kind::pid);
  return pids == nullptr || !pids->path.empty();
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

static void clean_up(Context& context, Container& container,
                     const oci::Spec& spec, cgroups::Cgroup* cgroup) {
  const oci::State state = stopped_state(container, spec);
  // With a PID namespace of its own, all processes ended with the first. A
  // creation that died before it could note the pid may have left some.
  const auto processes = shares_pids(spec) || container.record().pid == 0
                             ? Processes::to_kill
                             : Processes::ended;
  if (cgroup != nullptr) {
    remove(*cgroup, processes);
  } else {
    remove_cgroup(container.record(), processes);
  }
  remove_rdt(container.record());
  container.remove_folder();
  try {
    oci::run_hooks(spec.hooks.poststop, "poststop", state);
  } catch (const Error& error) {
    // "log a warning, but continue": runtime.md, Lifecycle, step 13.
    context.log.warning(error.what());
  }
}

void destroy(Context& context, Container& container, const oci::Spec& spec) {
  clean_up(context, container, spec, nullptr);
}

void destroy(Context& context, Launched& launched) {
  clean_up(context, launched.container, launched.spec,
           launched.cgroup ? &*launched.cgroup : nullptr);
}

}  // namespace docker_cpp::runtime
