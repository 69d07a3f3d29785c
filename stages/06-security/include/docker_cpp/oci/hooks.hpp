// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cstdint>
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

/// Hooks that the child runs itself, and so in all of its namespaces:
/// createContainer right here in the list, which has to be before the root
/// changes; startContainer right before exec, after all else of the list: they
/// are programs of the container's, so they may do what its program may.
class ContainerHooks final : public namespaces::Isolation {
 public:
  enum class Moment : std::uint8_t { create_container, start_container };

  /// `env`: the program's, for startContainer hooks that have none.
  ContainerHooks(Moment moment, const std::vector<Hook>& hooks, State state,
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
  [[nodiscard]] sys::Result<void> run() const noexcept;

  Moment moment_;
  Plans plans_;
  Text text_;
};

}  // namespace docker_cpp::oci
