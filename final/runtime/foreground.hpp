// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "docker_cpp/namespaces/process.hpp"
#include "docker_cpp/sys/unique_fd.hpp"

namespace docker_cpp::runtime {

/// Stands in for a program in front of whoever called: signals are passed on
/// to it, and with a terminal, what is typed and shown.
class Foreground {
 public:
  /// From now on signals wait for attend(). To be made before the start, so
  /// that none is lost.
  Foreground();

  /// Until the program ends; returns its exit code.
  int attend(namespaces::Process& process,
             const std::optional<sys::UniqueFd>& terminal);

 private:
  void pass_signals(const namespaces::Process& process, int terminal);

  sys::UniqueFd signals_;
};

}  // namespace docker_cpp::runtime
