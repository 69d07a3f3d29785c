// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "docker_cpp/oci/assemble.hpp"
#include "docker_cpp/oci/notify.hpp"
#include "docker_cpp/security/capabilities.hpp"
#include "docker_cpp/security/credentials.hpp"
#include "docker_cpp/security/resource_limits.hpp"

// What a process may do, worked out from its configuration.
namespace docker_cpp::oci {

using Warnings = std::vector<std::string>;

/// Names to masks. Names that nobody knows and what cannot be granted here
/// are left out with a warning: the specification's SHOULD.
[[nodiscard]] security::CapabilitySets capability_sets(
    const ProcessSpec& process, Warnings& warnings);

/// Limits, lowered to what this engine itself may have.
[[nodiscard]] std::vector<security::ResourceLimit> resource_limits(
    const ProcessSpec& process, Warnings& warnings);

/// Who it becomes, and with that HOME, if the environment has none. `root` is
/// a handle on the container's root, for its passwd and group files.
/// \throws SpecError when there is no such user
[[nodiscard]] security::Credentials::Identity identity(
    const ProcessSpec& process, int root, std::vector<std::string>& env);

struct Filter {
  security::FilterProgram program;
  unsigned flags = 0;
  std::optional<Listener> listener;  ///< for SCMP_ACT_NOTIFY
};

/// linux.seccomp compiled, or found in the cache. \throws SpecError
[[nodiscard]] Filter compile_filter(const std::string& profile_json,
                                    const std::string& cache);

}  // namespace docker_cpp::oci
