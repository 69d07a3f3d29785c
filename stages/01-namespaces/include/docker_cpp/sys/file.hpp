// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <string>
#include <string_view>

#include "docker_cpp/sys/result.hpp"

/// Whole small files, as /proc, /sys and records are. Parent side: these use
/// the heap.
namespace docker_cpp::sys {

/// The content of a file, at most `limit` bytes; EFBIG beyond.
[[nodiscard]] Result<std::string> read_file(const char* path,
                                            std::size_t limit = 1U << 20);
[[nodiscard]] Result<std::string> read_file_at(int dir, const char* path,
                                               std::size_t limit = 1U << 20);
[[nodiscard]] Result<std::string> read_all(int fd,
                                           std::size_t limit = 1U << 20);

/// One write(2) into an existing file, as the kernel's control files want it.
[[nodiscard]] Result<void> write_control(const char* path,
                                         std::string_view text);
[[nodiscard]] Result<void> write_control_at(int dir, const char* path,
                                            std::string_view text);

}  // namespace docker_cpp::sys
