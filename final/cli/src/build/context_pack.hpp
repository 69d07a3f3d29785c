// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "build/tar_stream.hpp"

#include "docker_cpp/dockerfile/glob.hpp"

namespace docker_cpp::cli {

/// Packs a folder as a build context: what .dockerignore excludes is left
/// out, but for `always` (the Dockerfile and .dockerignore itself, which the
/// daemon reads and then leaves out too). Links are packed as links.
/// \throws Failure
void pack_folder(TarStream& tar, const std::string& folder,
                 const std::string& prefix,
                 const dockerfile::IgnoreList& ignore,
                 const std::vector<std::string>& always);

/// NAME.dockerignore beside the Dockerfile, else .dockerignore of the context.
/// \throws Failure
[[nodiscard]] dockerfile::IgnoreList read_ignore_file(
    const std::string& folder, const std::string& dockerfile);

}  // namespace docker_cpp::cli
