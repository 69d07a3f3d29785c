// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <optional>

#include "docker_cpp/sys/unique_fd.hpp"

namespace docker_cpp::daemon {

/// The inode that a rotated log had before the monitor compressed it, by the
/// comment in its gzip header. Nothing for another kind of file.
[[nodiscard]] std::optional<ino_t> packed_inode(int fd);

/// Its text, in a file without a name; as much of it as can be read. An
/// invalid descriptor when there is no room for it.
[[nodiscard]] sys::UniqueFd unpacked_log(int fd);

}  // namespace docker_cpp::daemon
