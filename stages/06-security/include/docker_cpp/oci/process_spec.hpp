// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "docker_cpp/namespaces/terminal.hpp"

namespace docker_cpp::oci {

/// Whom a process runs as.
struct UserSpec {
  uid_t uid = 0;
  gid_t gid = 0;
  std::vector<gid_t> additional_gids;
  std::optional<mode_t> umask;
  /// `user[:group]` as people type it, to be looked up inside the root; wins
  /// over uid and gid. The specification leaves it to other platforms, so
  /// only our own daemon writes it on Linux.
  std::string username;
  std::vector<std::string> groupnames;  ///< of --group-add, the same way
};

/// Capability names as written, for each of the five sets.
/// \man{capabilities,7}
struct CapabilitiesSpec {
  std::vector<std::string> bounding;
  std::vector<std::string> effective;
  std::vector<std::string> permitted;
  std::vector<std::string> inheritable;
  std::vector<std::string> ambient;
};

struct RlimitSpec {
  int resource;  ///< an RLIMIT_ constant
  std::uint64_t soft;
  std::uint64_t hard;
};

struct IoPriority {
  int io_class;  ///< as ioprio_set(2) numbers them
  int level;
};

/// What sched_setattr(2) takes.
struct SchedulerSpec {
  std::uint32_t policy = 0;
  std::uint64_t flags = 0;
  std::int32_t nice = 0;
  std::uint32_t priority = 0;
  std::uint64_t runtime = 0;
  std::uint64_t deadline = 0;
  std::uint64_t period = 0;
};

/// A set of small numbers as the kernel takes it, bit by bit: processors, or
/// memory nodes.
using BitSet = std::array<unsigned long, 16>;  // 1024, as CPU_SETSIZE

/// On which processors a program begins: before and after it has joined the
/// container's cgroup.
struct CpuAffinity {
  std::optional<BitSet> initial;
  std::optional<BitSet> last;  ///< "final"
};

/// The `process` object of a config.json. \oci{runtime,config,process}
struct ProcessSpec {
  bool terminal = false;
  std::optional<namespaces::WindowSize> console_size;
  UserSpec user;
  std::vector<std::string> args;
  std::vector<std::string> env;
  std::string cwd = "/";
  std::optional<CapabilitiesSpec> capabilities;  ///< absent: none at all
  std::vector<RlimitSpec> rlimits;
  bool no_new_privileges = false;
  std::optional<int> oom_score_adj;
  std::string apparmor_profile;
  std::string selinux_label;
  std::optional<IoPriority> io_priority;
  std::optional<SchedulerSpec> scheduler;
  std::optional<CpuAffinity> exec_cpu_affinity;  ///< of `exec` alone
};

}  // namespace docker_cpp::oci
