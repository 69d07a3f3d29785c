// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

namespace docker_cpp::images {

/// What docker-cpp-worker does; `args` without the program's name.
///
///     load                   archive on 0, report on 1, staging folder on 3
///     load --embedded NAME   the same from an image that is part of this
///     embedded list          names, one per line
///     embedded cat NAME      the archive's bytes
///     layer, import          a layer into the staging folder on 3, from the
///                            directory on 4, from the archive on 0
///     pack, unpack, stat     a tree on 4, mounts for it from 5; the archive
///                            goes to 3, comes from 0
///     save                   blobs on 4 as the archive on 3, list on 0
/// \returns the exit code
int worker_main(std::span<char* const> args);

}  // namespace docker_cpp::images
