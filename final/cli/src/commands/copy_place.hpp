// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace docker_cpp::cli {

/// One side of a `cp`: a path here, or in a container, and what is there.
struct CopyPlace {
  std::string container;  ///< empty: here
  std::string path;
  bool exists = false;
  bool folder = false;
};

/// "CONTAINER:PATH" or a path here; what begins with / or . is always here.
[[nodiscard]] CopyPlace parse_place(const std::string& word);

/// "a/b/" and "a/b/." say that b is a folder, and what is in it is meant.
[[nodiscard]] bool says_folder(std::string_view path) noexcept;
/// The path without the last component, and that component ("." for "a/.").
[[nodiscard]] std::pair<std::string, std::string> split_path(
    std::string_view path);

/// Where a source goes, by the rules of `cp`.
struct CopyPlan {
  std::string folder;  ///< the archive is unpacked in it
  std::string name;    ///< its top is called so; empty: as in the archive
};
/// \throws Failure when a folder would replace a file, or a folder is missing
[[nodiscard]] CopyPlan plan_copy(const CopyPlace& source,
                                 const CopyPlace& target);

}  // namespace docker_cpp::cli
