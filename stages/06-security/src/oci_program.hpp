// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "docker_cpp/namespaces/terminal.hpp"
#include "docker_cpp/oci/assemble.hpp"
#include "docker_cpp/oci/spec.hpp"

namespace docker_cpp::oci {

[[nodiscard]] namespaces::Program program_of(const ProcessSpec& process,
                                             const AssemblyOptions& options);

/// One value for each name, the last that was given: getenv(3) finds the
/// first, and "exec --env" is meant to win over the configuration.
[[nodiscard]] std::vector<std::string> last_of_each(
    const std::vector<std::string>& env);

/// The terminal belongs to the user who is to use it.
void give_console(Assembly& assembly, namespaces::Pty console,
                  const ProcessSpec& process, uid_t owner);

/// Who the streams of the program are given to, as the host counts.
struct StreamOwner {
  uid_t uid = 0;
  gid_t gid = 0;
  bool in_user_namespace = false;
};

/// A program that is not root opens /dev/stdout anew: that asks for permission
/// on the pipe behind it, which whoever started us has made.
void give_streams(const namespaces::Program& program, const StreamOwner& owner);

}  // namespace docker_cpp::oci
