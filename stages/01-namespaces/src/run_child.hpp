// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "docker_cpp/namespaces/isolation.hpp"

namespace docker_cpp::namespaces {

/// Everything the child needs, resolved before the clone. Borrowed, not owned.
struct ChildPlan {
  std::span<const Isolation* const> isolations;
  std::span<const char* const> candidates;  ///< paths to try, in this order
  char* const* argv;
  char* const* envp;
  std::array<int, 3> stdio;
  unsigned first_closed;  ///< descriptors from here on end at exec
  int start_gate;         ///< folder of exec.fifo, or -1
  int gate;               ///< -1, or past the gate: its fifo, open till exec
  int go_fd;              ///< one byte means go; end of file means give up
  int report_fd;          ///< closes on success; else has a ChildReport
};

/// Where the child got stuck; or `stop`: it waits, as it was asked to.
enum class ChildStep : std::uint8_t { stdio, isolation, gate, exec, stop };

struct ChildReport {
  ChildStep step;
  std::size_t isolation;  ///< by position
  int code;               ///< errno
  const char* call;       ///< prepared before the clone, so valid in both
};

/// The `call` of a program that is there, and cannot be executed for want of
/// its interpreter: known by its address.
inline constexpr char found_program[] = "find the program's interpreter";

/// Runs between clone3(2) and execve(2).
[[noreturn]] void run_child(ChildPlan plan) noexcept;

}  // namespace docker_cpp::namespaces
