// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "docker_cpp/oci/spec.hpp"
#include "docker_cpp/sys/result.hpp"

namespace docker_cpp::oci {

/// A hook as flat arrays, so that a child of clone may run it as well. The
/// arrays point into the hook, so it stays where it was made.
struct HookPlan {
  Hook hook;
  std::vector<char*> argv;
  std::vector<char*> envp;
  int timeout_ms = -1;  ///< -1: as long as it takes
  /// For errors: "error running prestart hook #0: /the/hook".
  std::string attempt;
};

/// `env`: what a hook has that says nothing of it; null: the engine's own.
[[nodiscard]] std::vector<std::unique_ptr<HookPlan>> plan_hooks(
    const std::vector<Hook>& hooks, const std::string& moment,
    const std::vector<std::string>* env = nullptr);

/// Runs it with the content of `state_file` as its standard input. Returns
/// the exit code; ETIMEDOUT when it had to be killed.
[[nodiscard]] sys::Result<int> run_hook(const HookPlan& plan,
                                        int state_file) noexcept;

}  // namespace docker_cpp::oci
