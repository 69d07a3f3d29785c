// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace docker_cpp::sys {

/// Lets /proc/self/exe lead to `other`: an O_PATH handle on this program's own
/// file through another mount. For a program with one thread. False when the
/// kernel or its rights do not allow it; then nothing has changed for anybody
/// but the memory map. \man{PR_SET_MM,2const}
[[nodiscard]] bool exchange_executable(int other);

}  // namespace docker_cpp::sys
