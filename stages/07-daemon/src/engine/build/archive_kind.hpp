// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace docker_cpp::daemon {

/// Does the file begin as a tar or as one of the compressions do that ADD
/// takes apart? Looks at its first bytes and decides nothing else: whether it
/// is one is the worker's to find out.
[[nodiscard]] bool looks_like_archive(int file);

}  // namespace docker_cpp::daemon
