// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <linux/filter.h>

#include <cstdint>
#include <expected>
#include <string>
#include <vector>

#include "docker_cpp/namespaces/isolation.hpp"
#include "docker_cpp/security/seccomp_profile.hpp"

namespace docker_cpp::security {

/// A finished filter: bytes that can be kept, sent and loaded.
using FilterProgram = std::vector<sock_filter>;

/// Compiles a profile. Takes 5 to 20 ms: not between a request and its exec.
///
/// Calls that no rule of the profile can know because they are younger than
/// all those that it names answer ENOSYS instead of the default error, so that
/// a C library falls back to an older call.
[[nodiscard]] std::expected<FilterProgram, std::string> compile_seccomp(
    const SeccompProfile& profile);

/// The kernel's flags for seccomp(2) of the profile's names.
[[nodiscard]] std::expected<unsigned, std::string> seccomp_flags(
    const SeccompProfile& profile);

/// Loads a filter. \man{seccomp,2}
class Seccomp final : public namespaces::Isolation {
 public:
  /// Without no_new_privs, loading takes CAP_SYS_ADMIN, so the filter has to
  /// come before the capabilities go; with it, it comes last of all.
  enum class When : std::uint8_t { while_privileged, at_exec };

  Seccomp(FilterProgram program, When when, unsigned flags = 0);

  [[nodiscard]] const char* name() const noexcept override;
  [[nodiscard]] sys::Result<void> in_child() const noexcept override;
  [[nodiscard]] sys::Result<void> at_exec() const noexcept override;

 private:
  [[nodiscard]] sys::Result<void> load() const noexcept;

  FilterProgram program_;
  When when_;
  unsigned flags_;
};

}  // namespace docker_cpp::security
