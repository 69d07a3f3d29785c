// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "docker_cpp/cli/arguments.hpp"
#include "docker_cpp/cli/engine.hpp"

namespace docker_cpp::cli {

struct DaemonChoice {
  Engine::Options options;
  std::string context;
};

/// Which daemon is meant: --host, --context, DOCKER_HOST, DOCKER_CONTEXT, or
/// the default socket. \throws Failure
[[nodiscard]] DaemonChoice choose_daemon(const Arguments& global);

}  // namespace docker_cpp::cli
