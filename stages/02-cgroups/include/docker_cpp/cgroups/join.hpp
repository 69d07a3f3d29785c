// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "docker_cpp/cgroups/cgroup.hpp"
#include "docker_cpp/namespaces/isolation.hpp"
#include "docker_cpp/sys/unique_fd.hpp"

namespace docker_cpp::cgroups {

/// Puts the child into a cgroup. First among the isolations, so that all that
/// the others take is charged to it.
///
/// v2 and hybrid: the child is born there (CLONE_INTO_CGROUP). v1: the child
/// writes "0" into each `tasks` file, which its parent has opened. The usual
/// way, a pid written to cgroup.procs by the parent, waits 7 to 15 ms for an
/// RCU grace period, because it may meet a process with many threads; a
/// thread that moves only itself does not.
/// \stage{02}  \man{cgroups,7}  \man{clone,2}
class JoinCgroup final : public namespaces::Isolation {
 public:
  explicit JoinCgroup(const Cgroup& cgroup);

  [[nodiscard]] const char* name() const noexcept override;
  void prepare(namespaces::CloneRequest& request) override;
  [[nodiscard]] sys::Result<void> in_child() const noexcept override;

 private:
  struct Tasks {
    sys::UniqueFd fd;
    std::string attempt;  ///< what to say when the kernel refuses
  };

  sys::UniqueFd born_in_;  ///< v2 folder
  std::vector<Tasks> tasks_;
};

/// The cgroup it is in becomes the root of what the child sees: after
/// JoinCgroup. \man{cgroup_namespaces,7}
class CgroupNamespace final : public namespaces::Isolation {
 public:
  [[nodiscard]] const char* name() const noexcept override;
  [[nodiscard]] sys::Result<void> in_child() const noexcept override;
};

}  // namespace docker_cpp::cgroups
