// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace docker_cpp::cli {

/// A small file or folder (its name ends in '/') of a tar archive.
struct TarEntry {
  std::string name;
  std::string content;
};

/// A ustar archive (POSIX.1-1988) of a few small files, for `context export`.
/// Names are at most 100 bytes.
[[nodiscard]] std::string write_tar(const std::vector<TarEntry>& entries);

/// \returns regular files and folders, or what is wrong with the archive
[[nodiscard]] std::expected<std::vector<TarEntry>, std::string> read_tar(
    std::string_view archive);

}  // namespace docker_cpp::cli
