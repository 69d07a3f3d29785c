// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "docker_cpp/security/capabilities.hpp"

namespace docker_cpp::security {

/// One condition on an argument of a system call.
struct SeccompArgument {
  unsigned index = 0;
  std::string op;  ///< "SCMP_CMP_EQ"...
  std::uint64_t value = 0;
  std::uint64_t value_two = 0;  ///< for SCMP_CMP_MASKED_EQ: compared with
};

/// What to do when one of these calls is made and all conditions hold.
struct SeccompRule {
  std::vector<std::string> names;
  std::string action;  ///< "SCMP_ACT_ALLOW"...
  std::optional<unsigned> errno_return;
  std::vector<SeccompArgument> arguments;
};

/// Which system calls a container may make, in the OCI's words.
/// \oci{runtime,config-linux,seccomp}
struct SeccompProfile {
  std::string default_action = "SCMP_ACT_ERRNO";
  std::optional<unsigned> default_errno_return;
  std::vector<std::string> architectures;  ///< "SCMP_ARCH_X86"; empty: native
  std::vector<std::string> flags;          ///< "SECCOMP_FILTER_FLAG_LOG"...
  std::string listener_path;               ///< for SCMP_ACT_NOTIFY
  std::string listener_metadata;
  std::vector<SeccompRule> rules;
};

/// Docker's default, for a container that holds these capabilities.
[[nodiscard]] SeccompProfile default_profile(CapabilityMask capabilities);

/// Reads a profile, as the OCI writes it or as `--security-opt seccomp=` takes
/// it (with archMap, includes and excludes, decided for these capabilities).
[[nodiscard]] std::expected<SeccompProfile, std::string> parse_seccomp_profile(
    std::string_view text, CapabilityMask capabilities);

}  // namespace docker_cpp::security
