// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "docker_cpp/cli/command.hpp"

namespace docker_cpp::cli {

/// An image carries the steps that made it in its history, so the cache of a
/// build is an image: here (inline), at a registry, or in a folder (local: an
/// OCI layout, as `docker save` writes it).
struct BuildCachePlace {
  std::string type;       ///< registry, local, inline
  std::string reference;  ///< of a registry
  std::string folder;     ///< of local
};

/// "name:tag", "type=registry,ref=name:tag", "type=local,src=folder" (for
/// --cache-to "dest"), "type=inline". \throws Failure
[[nodiscard]] BuildCachePlace parse_build_cache(const std::string& option,
                                                const std::string& text);

/// The names to tell the daemon, after a folder's image was loaded.
/// \throws Failure
[[nodiscard]] std::vector<std::string> import_build_cache(
    Context& context, const std::vector<BuildCachePlace>& places);

/// Of the image that was made. \throws Failure
void export_build_cache(Context& context, const std::string& image,
                        const std::vector<BuildCachePlace>& places);

}  // namespace docker_cpp::cli
