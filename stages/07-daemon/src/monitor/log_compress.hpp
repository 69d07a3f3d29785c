// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <string>

namespace docker_cpp::monitor {

/// Turns `path` into `path.gz` in a process of its own, so that neither the
/// container waits nor the monitor grows; returns its pid, -1 when there is
/// none (the file stays as it is then). The header's comment says the inode
/// that the text had, by which readers know that they have read it.
[[nodiscard]] pid_t compress_in_background(const std::string& path);

/// The work itself. True when `path.gz` is there and `path` is not.
bool compress_log(const std::string& path);

}  // namespace docker_cpp::monitor
