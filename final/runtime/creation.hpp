// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <string>

#include "command.hpp"

#include "docker_cpp/cgroups/cgroup.hpp"

namespace docker_cpp::runtime {

/// The bundle's absolute path. \throws Error
[[nodiscard]] std::string absolute_bundle(const std::string& path);

/// The text of a configuration, in `file` or else in the bundle.
/// \throws Refusal in runc's words when there is none
[[nodiscard]] std::string read_config(const std::string& bundle,
                                      const std::string& file = "");

/// A container in the making, by create, run or restore: remembered from the
/// first moment, and undone with its cgroup and its poststop hooks unless it
/// is kept.
class Creation {
 public:
  /// Where it comes from; all of it has to outlive the creation.
  struct From {
    const std::string& id;
    const std::string& bundle;
    const std::string& json;
    const oci::Spec& spec;
    uid_t owner = 0;
  };

  /// \throws Refusal when the id is taken or not an id
  Creation(const Context& context, const From& from);
  ~Creation();
  Creation(const Creation&) = delete;
  Creation& operator=(const Creation&) = delete;
  Creation(Creation&&) = delete;
  Creation& operator=(Creation&&) = delete;

  [[nodiscard]] Container& container() noexcept { return container_; }

  /// From here on there is a cgroup to remove.
  void cgroup_made() noexcept { cgroup_made_ = true; }
  /// It has a process now.
  void began(pid_t pid);
  [[nodiscard]] Container keep();

 private:
  Container container_;
  const oci::Spec& spec_;
  bool cgroup_made_ = false;
  bool kept_ = false;
};

/// Kills its first process and sees it end. \throws Refusal when it does not
void end(const Container& container);

/// Removes what is left of a container that has stopped: processes that
/// outlived it, cgroup, state; then runs the poststop hooks. `cgroup`: a
/// handle that somebody has already, or null.
void destroy(Context& context, Container& container, const oci::Spec& spec,
             cgroups::Cgroup* cgroup = nullptr);

/// Whether its processes are not in a PID namespace of its own, and so
/// outlive its first process.
[[nodiscard]] bool shares_pids(const oci::Spec& spec);

}  // namespace docker_cpp::runtime
