// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "docker_cpp/cgroups/cgroup.hpp"
#include "docker_cpp/cgroups/systemd.hpp"
#include "docker_cpp/namespaces/process.hpp"
#include "docker_cpp/namespaces/terminal.hpp"
#include "docker_cpp/oci/spec.hpp"
#include "docker_cpp/oci/state.hpp"
#include "docker_cpp/rootfs/root_plan.hpp"
#include "docker_cpp/security/seccomp.hpp"

namespace docker_cpp::oci {

/// Whether a container without a cgroup of its own will do: an ordinary user
/// may not be allowed to make one. Or nobody is to make any.
enum class CgroupUse : std::uint8_t { required, if_permitted, none };

enum class Keyring : std::uint8_t { of_its_own, inherited };

/// What a container's configuration does not say.
struct AssemblyOptions {
  std::string bundle;  ///< where root.path starts
  /// In place of root.path.
  std::optional<rootfs::OverlayRoot> overlay;
  /// A finished filter, in place of linux.seccomp.
  std::optional<security::FilterProgram> seccomp;
  /// For a program that joins a container: the container's linux.seccomp.
  std::optional<std::string> seccomp_profile;
  /// A folder that only we can write, where filters compiled from
  /// linux.seccomp are kept; empty: none are.
  std::string seccomp_cache;
  /// Has systemd make the cgroup, which then is there only after the start.
  std::optional<cgroups::SystemdUnit> systemd;
  std::array<int, 3> stdio = {0, 1, 2};  ///< not used with a terminal
  unsigned preserve_fds = 0;
  int start_gate = -1;  ///< see namespaces::Program
  bool no_pivot = false;
  Keyring keyring = Keyring::of_its_own;
  CgroupUse cgroup = CgroupUse::required;
  /// For a program that joins a container: the container's, for the listener
  /// of its system call filter.
  State state;
  /// The same: its share of the caches, and cgroups below the container's, by
  /// controller; "" for all.
  std::optional<RdtSpec> intel_rdt;
  std::map<std::string, std::string> sub_cgroups;
};

/// A container, or a program that joins one, ready for Process::start. The
/// cgroup (none for a user who may not make one) exists then; whoever does not
/// start it, removes that.
struct Assembly {
  namespaces::Program program;
  namespaces::Isolations isolations;
  std::optional<cgroups::Cgroup> cgroup;
  /// With process.terminal. The slave has to stay open until the start, and
  /// to be closed after it.
  std::optional<namespaces::Pty> console;
  /// Folders of resctrl, to be removed with the container, in this order.
  std::vector<std::string> rdt_folders;
  /// What could not be had as asked for, and was left out: for the log.
  std::vector<std::string> warnings;
};

/// Turns a configuration into isolations, in THE order: this is the one place
/// where it is written down, with the reason for each "before".
/// \throws SpecError when the configuration makes no sense; Error naming what
///   could not be prepared. Nothing is left behind then.
/// \stage{06}  \oci{runtime,runtime,lifecycle}
[[nodiscard]] Assembly assemble(const Spec& spec, const std::string& id,
                                AssemblyOptions options);

/// The same for a program that is run in an existing container, whose first
/// process is `container_pid`. No cgroup is joined when `cgroup_path` is
/// empty. Of the options, those on the root do not count.
[[nodiscard]] Assembly assemble_exec(const ProcessSpec& process,
                                     pid_t container_pid,
                                     const std::string& cgroup_path,
                                     AssemblyOptions options);

/// Where a container's cgroup is, by its configuration: "/docker-cpp/<id>"
/// unless it says otherwise. \throws SpecError
[[nodiscard]] std::string cgroup_path_of(const Spec& spec,
                                         const std::string& id);

/// The same where systemd makes it: `slice:prefix:name`, and the annotations
/// org.systemd.property.*. \throws SpecError
[[nodiscard]] cgroups::SystemdUnit systemd_unit_of(const Spec& spec,
                                                   const std::string& id);

/// Its limits, and the devices that every container may use: everything else
/// is denied first, and no list can leave a container without /dev/null.
[[nodiscard]] cgroups::Resources cgroup_resources_of(const Spec& spec);

}  // namespace docker_cpp::oci
