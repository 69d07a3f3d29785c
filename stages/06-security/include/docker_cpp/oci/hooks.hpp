// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "docker_cpp/namespaces/isolation.hpp"
#include "docker_cpp/oci/spec.hpp"
#include "docker_cpp/oci/state.hpp"
#include "docker_cpp/sys/unique_fd.hpp"

namespace docker_cpp::oci {

/// Runs hooks one after the other, each with the state on its standard input.
/// The first that fails, or does not end in its time, is an Error that names
/// it as runc does: "error running poststart hook #0: ...".
/// `container` is -1, or a pidfd whose namespaces (all but user and PID) the
/// hooks run in.
void run_hooks(const std::vector<Hook>& hooks, const std::string& moment,
               const State& state, int container = -1);

struct HookPlan;

/// The hooks of a container's creation and start.
///
/// prestart, createRuntime and createContainer run while the child waits with
/// its namespaces made, before it changes its root; startContainer in the
/// child, right before exec. \oci{runtime,config,posix-platform-hooks}
class LifecycleHooks final : public namespaces::Isolation {
 public:
  LifecycleHooks(Hooks hooks, State state);
  LifecycleHooks(const LifecycleHooks&) = delete;
  LifecycleHooks& operator=(const LifecycleHooks&) = delete;
  LifecycleHooks(LifecycleHooks&&) = delete;
  LifecycleHooks& operator=(LifecycleHooks&&) = delete;
  ~LifecycleHooks() override;

  [[nodiscard]] const char* name() const noexcept override;
  void from_parent(const namespaces::ChildHandle& child) override;
  [[nodiscard]] sys::Result<void> at_exec() const noexcept override;

 private:
  [[nodiscard]] sys::Result<sys::UniqueFd> own_state() const noexcept;

  Hooks hooks_;
  State state_;
  std::vector<std::unique_ptr<HookPlan>> start_container_;
  /// The state in JSON, around the pid that only the child will know.
  std::string before_pid_;
  std::string after_pid_;
};

}  // namespace docker_cpp::oci
