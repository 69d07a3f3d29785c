// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>

namespace docker_cpp::cli {

/// Makes a folder and those above it. \throws Failure
void make_folders(const std::string& path, mode_t mode);

/// Writes beside and renames: a reader sees the old file or the new one.
/// \throws Failure
void replace_file(const std::string& path, std::string_view text, mode_t mode);

/// The variable, or nothing.
[[nodiscard]] std::string environment(const char* name);

/// "no such file or directory" for ENOENT.
[[nodiscard]] std::string reason_of(int code);

}  // namespace docker_cpp::cli
