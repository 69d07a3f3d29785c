// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace docker_cpp::daemon {

/// Does the file begin as a tar or as one of the compressions do that ADD
/// takes apart? Looks at its first bytes and decides nothing else: whether it
/// is one is the worker's to find out.
[[nodiscard]] bool looks_like_archive(int file);

/// A repository rather than a file: git://, git@, http(s)://….git
[[nodiscard]] bool is_git_url(std::string_view text);
[[nodiscard]] bool is_http_url(std::string_view text);

}  // namespace docker_cpp::daemon
