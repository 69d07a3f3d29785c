// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "docker_cpp/security/seccomp.hpp"

namespace docker_cpp::security {

/// What the library's filter does not decide well for one architecture: calls
/// younger than the library.
struct YoungCalls {
  std::uint32_t audit_architecture;  ///< AUDIT_ARCH_X86_64...
  std::vector<std::uint32_t> allowed;
  std::uint32_t newest_known;  ///< above this number: ENOSYS
};

/// Instructions that decide the young calls and leave all others to the filter
/// that follows.
[[nodiscard]] FilterProgram filter_prefix(
    const std::vector<YoungCalls>& architectures);

/// Instructions that refuse `socketcall(SYS_SOCKET, …)` of the 32-bit ABI: its
/// arguments lie behind a pointer, where no filter can look.
[[nodiscard]] FilterProgram refuse_hidden_socket();

}  // namespace docker_cpp::security
