// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "oci_bundle.hpp"

struct Answer {
  int code = -1;
  std::string out;
  std::string err;
};

/// Runs docker-cpp-runtime on a bundle, with a root of its own. Whatever a
/// test leaves is removed in the end.
class Runtime {
 public:
  Runtime();
  ~Runtime();
  Runtime(const Runtime&) = delete;
  Runtime& operator=(const Runtime&) = delete;

  /// The flags come after the command: {"create", "--bundle", ...}.
  Answer operator()(std::vector<std::string> arguments) const;
  /// create, run or spec in this bundle.
  Answer in_bundle(const std::string& command,
                   std::vector<std::string> arguments) const;
  /// The same without waiting for it: its pid.
  [[nodiscard]] pid_t begin(std::vector<std::string> arguments) const;

  [[nodiscard]] std::string status() const;
  /// Waits until it is so; false when it does not become so in 5 s.
  [[nodiscard]] bool becomes(const std::string& status) const;

  Bundle bundle;
  std::string root;
  /// Before the command.
  std::vector<std::string> global;

 private:
  [[nodiscard]] std::vector<std::string> command_line(
      std::vector<std::string> arguments) const;
};

/// The exit code of a child, as a shell has it.
int wait_for(pid_t pid);
