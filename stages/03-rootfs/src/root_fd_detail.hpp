// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "docker_cpp/sys/result.hpp"
#include "docker_cpp/sys/unique_fd.hpp"

namespace docker_cpp::rootfs::detail {

[[nodiscard]] std::unexpected<sys::SysError> refuse(int code, const char* call);

/// Where the engine's own /proc shows what a descriptor refers to: for the few
/// calls that take no O_PATH handle.
[[nodiscard]] std::string handle_path(int fd);

/// The names in a directory opened for reading, without "." and "..".
[[nodiscard]] sys::Result<std::vector<std::string>> names_in(
    sys::UniqueFd folder);

}  // namespace docker_cpp::rootfs::detail
