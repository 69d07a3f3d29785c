// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "container.hpp"
#include "flags.hpp"
#include "log.hpp"

namespace docker_cpp::runtime {

/// What stands before the command's name.
struct Context {
  std::string root;
  bool root_given = false;  ///< by --root
  bool systemd = false;     ///< cgroups are made by systemd
  bool no_cgroups = false;  ///< nobody makes any
  Log log;
  /// Whether a container may go without a cgroup that its user may not make:
  /// "auto" (an ordinary user's may), "true" or "false".
  std::string rootless = "auto";
  /// Descriptors from 3 on that the caller handed over, without a gap.
  unsigned inherited_fds = 0;
};

using Arguments = std::span<char* const>;

/// A command: one file of commands/ each. Returns the exit code.
using Command = int (*)(Context& context, Arguments arguments);

int checkpoint(Context& context, Arguments arguments);
int create(Context& context, Arguments arguments);
int delete_container(Context& context, Arguments arguments);
int events(Context& context, Arguments arguments);
int exec(Context& context, Arguments arguments);
int features(Context& context, Arguments arguments);
int kill_container(Context& context, Arguments arguments);
int list(Context& context, Arguments arguments);
int mounts(Context& context, Arguments arguments);
int pause(Context& context, Arguments arguments);
int ps(Context& context, Arguments arguments);
int restore(Context& context, Arguments arguments);
int resume(Context& context, Arguments arguments);
int run(Context& context, Arguments arguments);
int spec(Context& context, Arguments arguments);
int start(Context& context, Arguments arguments);
int state(Context& context, Arguments arguments);
int update(Context& context, Arguments arguments);

/// Runs `body`; what fails in it is told as runc would: "run failed: unable
/// to start container process: exec: ...". ExecErrors keep their exit code.
void naming_failure(const char* what, const std::function<void()>& body);

/// A failure with an exit code of its own.
class Failure : public std::runtime_error {
 public:
  Failure(const std::string& message, int code)
      : std::runtime_error(message), code_(code) {}
  [[nodiscard]] int exit_code() const noexcept { return code_; }

 private:
  int code_;
};

/// The one word that a command wants, or runc's complaint.
[[nodiscard]] std::string only_id(const char* command,
                                  const std::vector<std::string>& words);

}  // namespace docker_cpp::runtime
