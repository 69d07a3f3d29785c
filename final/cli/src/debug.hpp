// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace docker_cpp::cli {

/// `--debug`, once for the whole program: each request is told on stderr.
inline bool tells_requests = false;

}  // namespace docker_cpp::cli
