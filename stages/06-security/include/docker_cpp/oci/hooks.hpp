// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "docker_cpp/namespaces/isolation.hpp"
#include "docker_cpp/oci/spec.hpp"
#include "docker_cpp/oci/state.hpp"
#include "docker_cpp/sys/unique_fd.hpp"

namespace docker_cpp::oci {

/// Runs hooks one after the other, each with the state on its standard input.
/// The first that fails, or does not end in its time, is an Error that names
/// it as runc does: "error running poststart hook #0: ...".
void run_hooks(const std::vector<Hook>& hooks, const std::string& moment,
               const State& state);

/// The same for hooks of which one that fails is a warning, "but the remaining
/// hooks and lifecycle continue": what there is to tell of each.
/// \oci{runtime,runtime,lifecycle}
std::vector<std::string> run_all_hooks(const std::vector<Hook>& hooks,
                                       const std::string& moment,
                                       const State& state);

/// The prestart and createRuntime hooks: run by the engine, while the child
/// waits with its namespaces and mounts made, before it changes its root.
/// \oci{runtime,config,posix-platform-hooks}
class RuntimeHooks final : public namespaces::Isolation {
 public:
  RuntimeHooks(Hooks hooks, State state)
      : hooks_(std::move(hooks)), state_(std::move(state)) {}

  [[nodiscard]] const char* name() const noexcept override;
  [[nodiscard]] bool stops_child() const noexcept override { return true; }
  void while_child_waits(const namespaces::ChildHandle& child) override;

 private:
  Hooks hooks_;
  State state_;
};

struct HookPlan;

/// The hooks that the child runs itself, and so in all of its namespaces:
/// createContainer right here in the list, which has to be before the root
/// changes, and startContainer right before exec.
class ContainerHooks final : public namespaces::Isolation {
 public:
  /// `env`: the program's, for startContainer hooks that have none.
  ContainerHooks(const Hooks& hooks, State state,
                 const std::vector<std::string>& env);
  ContainerHooks(const ContainerHooks&) = delete;
  ContainerHooks& operator=(const ContainerHooks&) = delete;
  ContainerHooks(ContainerHooks&&) = delete;
  ContainerHooks& operator=(ContainerHooks&&) = delete;
  ~ContainerHooks() override;

  [[nodiscard]] const char* name() const noexcept override;
  [[nodiscard]] sys::Result<void> in_child() const noexcept override;
  [[nodiscard]] sys::Result<void> at_exec() const noexcept override;

 private:
  using Plans = std::vector<std::unique_ptr<HookPlan>>;
  /// The state in JSON, around the pid that only the child will know: the
  /// specification wants it as the container counts.
  struct Text {
    std::string before_pid;
    std::string after_pid;
  };

  static Text text_of(const State& state);
  static sys::Result<sys::UniqueFd> own_state(const Text& text) noexcept;
  static sys::Result<void> run(const Plans& plans, const Text& text) noexcept;

  Plans create_container_;
  Plans start_container_;
  Text creating_;
  Text created_;
};

}  // namespace docker_cpp::oci
