// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>
#include <vector>

#include "docker_cpp/sys/unique_fd.hpp"

/// What the store does to its own folders, always by handle. Nothing here
/// takes a name from an archive.
namespace docker_cpp::images {

/// Opens a folder of the store, making it first when it is missing.
[[nodiscard]] sys::UniqueFd open_folder(int parent, const std::string& name,
                                        mode_t mode = 0700);

/// Replaces a small file so that a crash leaves the old or the new text:
/// write beside, fsync, rename, fsync of the folder. Passes the failpoints
/// `<point>.write`, `<point>.rename` and `<point>.sync`.
void replace_file(int folder, const std::string& name, std::string_view text,
                  std::string_view point);

/// Makes the entries of a folder durable. \man{fsync,2}
void sync_folder(int folder, std::string_view what);

/// The names in a folder, without . and .., unsorted.
[[nodiscard]] std::vector<std::string> list_folder(int folder);

/// Removes a file or a whole tree of any depth with a bounded number of open
/// descriptors; a name that is not there is fine.
void remove_tree(int folder, const std::string& name);

}  // namespace docker_cpp::images
