// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "docker_cpp/namespaces/isolation.hpp"
#include "docker_cpp/sys/unique_fd.hpp"

namespace docker_cpp::namespaces {

/// The environment of the caller, as NAME=value strings.
[[nodiscard]] std::vector<std::string> current_environment();

/// What comes through the gate: zero, and if the program could not begin after
/// all, why. End of file right after the zero: it has begun.
struct GateReport {
  char go = 0;
  int code = 0;  ///< errno
  char attempt[240] = {};
};

/// What runs behind the isolations.
struct Program {
  /// args[0] without a slash is looked up, in the container, in the PATH that
  /// `env` holds (Docker's default path when it holds none).
  std::vector<std::string> args;
  std::vector<std::string> env = current_environment();
  /// Become 0, 1 and 2. All other descriptors are closed at exec, except
  std::array<int, 3> stdio = {0, 1, 2};
  /// this many from 3 on, as `--preserve-fds` asks.
  unsigned preserve_fds = 0;
  /// A folder holding a fifo named `exec.fifo`. When set, start() returns with
  /// the program found and everything set up, and the program begins only when
  /// somebody opens the fifo for reading: the OCI's create, then start. The
  /// reader gets a GateReport, or its first byte alone and then end of file.
  int start_gate = -1;
};

/// A program running behind a list of isolations.
///
/// Not thread safe; may be used from any thread of a program with many.
/// \stage{01}  \man{clone,2}  \oci{runtime,config-linux,configLinuxNamespaces}
class Process {
 public:
  /// Starts the program, and returns once execve(2) has succeeded (with a
  /// start gate: once all that comes before it has).
  ///
  /// The isolations take part in the order given, and need only live until
  /// this returns.
  /// \throws Error naming the step that failed, in the parent or in the child;
  ///   ExecError when it was the program that could not be executed
  static Process start(const Program& program, const Isolations& isolations);

  Process(Process&&) noexcept = default;
  Process& operator=(Process&&) = delete;
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  /// Kills and reaps what nobody waited for.
  ~Process();

  [[nodiscard]] pid_t pid() const noexcept { return pid_; }
  [[nodiscard]] int pidfd() const noexcept { return pidfd_.get(); }

  /// The exit code; 128 + n when signal n ended the process.
  int wait();

  /// Lets it live on without this object: returns its pidfd.
  [[nodiscard]] sys::UniqueFd release() noexcept { return std::move(pidfd_); }

 private:
  Process(pid_t pid, sys::UniqueFd pidfd)
      : pid_(pid), pidfd_(std::move(pidfd)) {}

  pid_t pid_;
  sys::UniqueFd pidfd_;
};

}  // namespace docker_cpp::namespaces
