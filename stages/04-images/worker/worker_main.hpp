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
/// \returns the exit code
int worker_main(std::span<char* const> args);

}  // namespace docker_cpp::images
