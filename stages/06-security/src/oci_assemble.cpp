// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <utility>

#include "oci_cgroup.hpp"
#include "oci_order.hpp"
#include "oci_privileges.hpp"
#include "oci_program.hpp"
#include "oci_root.hpp"

#include "docker_cpp/cgroups/join.hpp"
#include "docker_cpp/oci/assemble.hpp"
#include "docker_cpp/oci/hooks.hpp"
#include "docker_cpp/oci/kernel_settings.hpp"
#include "docker_cpp/oci/net_devices.hpp"
#include "docker_cpp/oci/placement.hpp"
#include "docker_cpp/rootfs/root_filesystem.hpp"
#include "docker_cpp/security/apparmor.hpp"
#include "docker_cpp/security/selinux.hpp"
#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/trace.hpp"

namespace docker_cpp::oci {
namespace {

using namespaces::Kind;
using security::Seccomp;

std::vector<Kind> made_by_clone(const LinuxSpec& linux_spec) {
  std::vector<Kind> kinds;
  for (const NamespaceSpec& one : linux_spec.namespaces) {
    const bool by_others = one.kind == Kind::user || one.kind == Kind::cgroup ||
                           one.kind == Kind::time;
    if (one.path.empty() && !by_others) {
      kinds.push_back(one.kind);
    }
  }
  return kinds;
}

std::vector<namespaces::ExistingNamespace> to_join(
    const LinuxSpec& linux_spec) {
  std::vector<namespaces::ExistingNamespace> existing;
  for (const NamespaceSpec& one : linux_spec.namespaces) {
    if (!one.path.empty()) {
      existing.push_back(namespaces::open_namespace(one.kind, one.path));
    }
  }
  return existing;
}

bool is_new(const LinuxSpec& linux_spec, Kind kind) {
  const NamespaceSpec* found = find_namespace(linux_spec, kind);
  return found != nullptr && found->path.empty();
}

/// What protects the host is refused where it cannot be had, never left out.
void check(const ProcessSpec& process) {
  if (process.args.empty()) {
    throw SpecError("process.args", "must not be empty");
  }
  if (!process.apparmor_profile.empty() && !security::apparmor_enabled()) {
    throw SpecError("process.apparmorProfile",
                    "AppArmor is not enabled on this machine");
  }
  if (!process.selinux_label.empty() && !security::selinux_enabled()) {
    throw SpecError("process.selinuxLabel",
                    "SELinux is not enabled on this machine");
  }
}

const ProcessSpec& checked_process(const Spec& spec) {
  if (!spec.process) {
    throw SpecError("process", "is missing");
  }
  check(*spec.process);
  if (!spec.linux_spec.mount_label.empty() && !security::selinux_enabled()) {
    throw SpecError("linux.mountLabel",
                    "SELinux is not enabled on this machine");
  }
  if (!spec.linux_spec.net_devices.empty() &&
      find_namespace(spec.linux_spec, Kind::network) == nullptr) {
    throw SpecError("linux.netDevices", "needs a network namespace");
  }
  if (find_namespace(spec.linux_spec, Kind::mount) == nullptr) {
    throw SpecError("linux.namespaces",
                    "a mount namespace other than the host's is needed");
  }
  return *spec.process;
}

Filter filter_of(const std::optional<std::string>& profile,
                 AssemblyOptions& options) {
  if (options.seccomp) {
    return {.program = *std::move(options.seccomp),
            .flags = 0,
            .listener = std::nullopt};
  }
  if (profile) {
    const sys::TraceStep trace("compile the system call filter");
    return compile_filter(*profile, options.seccomp_cache);
  }
  return {};
}

/// Who the program is and what it may do; the last part of every list.
void add_privileges(Order& order, const ProcessSpec& process, Filter filter,
                    security::Credentials::Identity identity,
                    const State& state, Warnings& warnings) {
  const security::CapabilitySets sets = capability_sets(process, warnings);
  // A filter that asks has to be loaded while its parent listens: not at exec.
  const bool asks = filter.listener.has_value();
  const bool filtered = !filter.program.empty() && !asks;
  if (asks && !process.no_new_privileges) {
    order.add<NotifyingFilter>(filter.program, filter.flags, *filter.listener,
                               state);
  }
  // Without no_new_privs, loading a filter takes CAP_SYS_ADMIN: before any
  // capability goes.
  if (filtered && !process.no_new_privileges) {
    order.add<Seccomp>(filter.program, Seccomp::When::while_privileged,
                       filter.flags);
  }
  // Dropping from the bounding set takes CAP_SETPCAP: before the sets change.
  order.add<security::BoundingSet>(sets.bounding);
  // Changing ids takes CAP_SETUID and CAP_SETGID: before the sets change, but
  // after all that takes root's.
  order.add<security::Credentials>(std::move(identity));
  order.add<security::Capabilities>(sets);
  if (process.no_new_privileges) {
    order.add<security::NoNewPrivileges>();
  }
  if (asks && process.no_new_privileges) {
    order.add<NotifyingFilter>(filter.program, filter.flags, *filter.listener,
                               state);
  }
  // With no_new_privs the filter can be the very last thing, so that it need
  // not allow what setting up a container takes.
  if (filtered && process.no_new_privileges) {
    order.add<Seccomp>(std::move(filter.program), Seccomp::When::at_exec,
                       filter.flags);
  }
}

/// Where systemd makes the cgroup, it does so around the process: one moment
/// later, and null here.
std::unique_ptr<NewCgroup> add_cgroup(Order& order, const Spec& spec,
                                      const std::string& id,
                                      const AssemblyOptions& options) {
  if (options.systemd) {
    order.add<cgroups::SystemdScope>(*options.systemd,
                                     cgroup_resources_of(spec));
    return nullptr;
  }
  const sys::TraceStep trace("make the cgroup and set its limits");
  auto cgroup = make_cgroup(spec, id, options.cgroup);
  if (cgroup) {
    order.add<cgroups::JoinCgroup>(cgroup->get());
  }
  return cgroup;
}

/// Limits and scheduling; they take capabilities, so before those go.
void add_process_limits(Order& order, const ProcessSpec& process,
                        const std::optional<std::uint64_t>& personality,
                        Warnings& warnings) {
  if (process.oom_score_adj) {
    order.add<OomScore>(*process.oom_score_adj);
  }
  if (Scheduling::wanted(process, personality)) {
    order.add<Scheduling>(process, personality);
  }
  if (!process.rlimits.empty()) {
    order.add<security::ResourceLimits>(resource_limits(process, warnings));
  }
}

void add_session(Order& order, const ProcessSpec& process, Keyring keyring) {
  using Terminal = namespaces::Session::Terminal;
  order.add<namespaces::Session>(process.terminal ? Terminal::on_stdin
                                                  : Terminal::none);
  // Written to the host's /proc: before the root, or the namespaces, change;
  // and before the keyring, which gets a label as well.
  if (!process.selinux_label.empty()) {
    order.add<security::SelinuxLabel>(process.selinux_label);
  }
  if (keyring == Keyring::of_its_own) {
    order.add<security::SessionKeyring>();
  }
  if (!process.apparmor_profile.empty()) {
    order.add<security::AppArmorProfile>(process.apparmor_profile);
  }
}

/// Namespaces, and what is set within them.
void add_namespaces(Order& order, const Spec& spec) {
  const LinuxSpec& linux_spec = spec.linux_spec;
  // The new user namespace comes before all that is to belong to its root.
  if (is_new(linux_spec, Kind::user)) {
    order.add<namespaces::Users>(linux_spec.uid_mappings,
                                 linux_spec.gid_mappings);
  }
  order.add<namespaces::NewNamespaces>(made_by_clone(linux_spec));
  if (auto existing = to_join(linux_spec); !existing.empty()) {
    order.add<namespaces::JoinNamespaces>(std::move(existing));
  }
  // After the cgroup was joined, or the namespace would show the engine's.
  if (is_new(linux_spec, Kind::cgroup)) {
    order.add<cgroups::CgroupNamespace>();
  }
  // Through the host's /proc: before the root changes.
  if (is_new(linux_spec, Kind::time)) {
    using namespaces::TimeOffsets;
    const bool users = find_namespace(linux_spec, Kind::user) != nullptr;
    order.add<TimeOffsets>(
        linux_spec.monotonic_offset.value_or(TimeOffsets::Offset{}),
        linux_spec.boottime_offset.value_or(TimeOffsets::Offset{}),
        users ? TimeOffsets::Writer::parent : TimeOffsets::Writer::child);
    if (users) {
      order.add<namespaces::EnterTimeNamespace>();
    }
  }
  if (!spec.hostname.empty() || !spec.domainname.empty()) {
    order.add<namespaces::Hostname>(spec.hostname, spec.domainname);
  }
  if (is_new(linux_spec, Kind::network)) {
    order.add<Loopback>();
  }
  if (!linux_spec.net_devices.empty()) {
    order.add<NetDevices>(linux_spec.net_devices,
                          find_namespace(linux_spec, Kind::network)->path);
  }
}

/// Where on the machine it runs.
void add_placement(Order& order, const LinuxSpec& linux_spec,
                   const std::string& id, Assembly& assembly) {
  if (linux_spec.memory_policy) {
    order.add<MemoryNodes>(*linux_spec.memory_policy);
  }
  if (linux_spec.intel_rdt) {
    auto& rdt =
        order.add<IntelRdt>(*linux_spec.intel_rdt, id, IntelRdt::mount_point());
    assembly.rdt_folders = rdt.take_made();
  }
}

State state_of(const Spec& spec, const std::string& id,
               const std::string& bundle) {
  return {.id = id,
          .status = Status::creating,
          .pid = 0,
          .bundle = bundle,
          .annotations = spec.annotations};
}

/// Hooks find the mounts made and the root not yet changed. In the runtime's
/// namespaces first, then in the container's.
void add_hooks(Order& order, const Spec& spec, const State& state,
               rootfs::RootFilesystem& root) {
  const Hooks& hooks = spec.hooks;
  if (!hooks.prestart.empty() || !hooks.create_runtime.empty()) {
    order.add<RuntimeHooks>(hooks, state);
  }
  if (!hooks.create_container.empty()) {
    order.add<ContainerHooks>(ContainerHooks::Moment::create_container,
                              hooks.create_container, state, spec.process->env);
  }
  if (has_creation_hooks(hooks)) {
    order.add(root.take_change_of_root());
  }
  // Within their namespaces, so after those exist; and after the hooks, which
  // may bring the network links that have settings.
  if (!spec.linux_spec.sysctl.empty()) {
    order.add<Sysctls>(spec);
  }
}

rootfs::RootFilesystem& add_root(Order& order, const rootfs::RootPlan& plan) {
  const sys::TraceStep trace("plan the root and its mounts");
  return order.add<rootfs::RootFilesystem>(plan);
}

/// Terminal or streams: what it reads and writes is its user's.
void give_stdio(Assembly& assembly, const ProcessSpec& process,
                namespaces::Pty console, const StreamOwner& owner) {
  if (process.terminal) {
    give_console(assembly, std::move(console), process, owner.uid);
  } else {
    give_streams(assembly.program, owner);
  }
}

}  // namespace

// [assemble]
Assembly assemble(const Spec& spec, const std::string& id,
                  AssemblyOptions options) {
  const ProcessSpec& process = checked_process(spec);
  Assembly assembly;
  assembly.program = program_of(process, options);
  Order order(assembly.isolations);

  // First of all, so that every page and process of what follows is charged
  // to the container; and while the host's cgroup folders can be opened.
  const auto cgroup = add_cgroup(order, spec, id, options);
  const namespaces::IdMaps maps = id_maps(spec.linux_spec);
  add_namespaces(order, spec);
  add_session(order, process, options.keyring);
  add_placement(order, spec.linux_spec, id, assembly);
  // The root needs its namespaces (proc shows the PID namespace it is mounted
  // in) and the capabilities to mount: after the one, before the other goes.
  rootfs::RootPlan plan = root_plan(spec, process, options, maps,
                                    cgroup ? &cgroup->get() : nullptr);
  if (options.systemd) {
    plan.cgroup_path = visible_cgroup(*options.systemd);
  }
  auto& root = add_root(order, plan);
  const State state = state_of(spec, id, options.bundle);
  add_hooks(order, spec, state, root);
  add_process_limits(order, process, spec.linux_spec.personality,
                     assembly.warnings);

  const auto who = identity(process, root.root(), assembly.program.env);
  const uid_t owner = outside(maps.uids, who.uid);
  give_stdio(assembly, process,
             process.terminal ? root.take_console() : namespaces::Pty{},
             {.uid = owner,
              .gid = outside(maps.gids, who.gid, "process.user.gid"),
              .in_user_namespace = !maps.uids.empty()});
  // Last, because everything above takes privileges.
  add_privileges(order, process, filter_of(spec.linux_spec.seccomp, options),
                 who, state, assembly.warnings);
  if (!spec.hooks.start_container.empty()) {
    order.add<ContainerHooks>(ContainerHooks::Moment::start_container,
                              spec.hooks.start_container, state,
                              assembly.program.env);
  }
  if (cgroup) {
    delegate(cgroup->get(), spec, owner);
    assembly.cgroup = cgroup->take();
  }
  return assembly;
}
// [assemble]

Assembly assemble_exec(const ProcessSpec& process, pid_t container_pid,
                       const std::string& cgroup_path,
                       AssemblyOptions options) {
  check(process);
  Assembly assembly;
  assembly.program = program_of(process, options);
  Order order(assembly.isolations);
  const rootfs::RootFd root = root_of(container_pid);

  const CpuAffinity affinity =
      process.exec_cpu_affinity.value_or(CpuAffinity{});
  if (affinity.initial) {
    order.add<Affinity>(*affinity.initial, "process.execCPUAffinity.initial");
  }
  // Charged to the container from the start, as its own processes are.
  if (!cgroup_path.empty()) {
    assembly.cgroup =
        cgroups::Cgroup::open_below(cgroup_path, options.sub_cgroups);
    order.add<cgroups::JoinCgroup>(*assembly.cgroup);
  }
  if (options.intel_rdt) {
    order.add<JoinRdt>(RdtGroup::of(*options.intel_rdt, options.state.id,
                                    IntelRdt::mount_point()));
  }
  if (affinity.last) {
    order.add<Affinity>(*affinity.last, "process.execCPUAffinity.final");
  }
  // While the host's /proc is in sight.
  add_session(order, process, options.keyring);
  order.add<namespaces::JoinNamespaces>(
      namespaces::JoinNamespaces::of_process(container_pid));
  // A path of the container: after its mounts were joined.
  order.add<WorkingDirectory>(process.cwd);
  add_process_limits(order, process, std::nullopt, assembly.warnings);

  const auto who = identity(process, root.get(), assembly.program.env);
  const namespaces::IdMaps maps = id_maps_of(container_pid);
  give_stdio(assembly, process,
             process.terminal ? namespaces::open_pty(devpts_of(root).get())
                              : namespaces::Pty{},
             {.uid = outside(maps.uids, who.uid),
              .gid = outside(maps.gids, who.gid, "process.user.gid"),
              .in_user_namespace = !maps.uids.empty()});
  add_privileges(order, process, filter_of(options.seccomp_profile, options),
                 who, options.state, assembly.warnings);
  return assembly;
}

}  // namespace docker_cpp::oci
