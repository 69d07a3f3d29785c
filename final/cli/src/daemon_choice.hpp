// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "docker_cpp/cli/arguments.hpp"
#include "docker_cpp/cli/client_config.hpp"
#include "docker_cpp/cli/engine.hpp"

namespace docker_cpp::cli {

struct DaemonChoice {
  Engine::Options options;
  std::string context;
};

/// Which daemon is meant: --host, --context, DOCKER_HOST, DOCKER_CONTEXT, the
/// current context, or the default socket. \throws Failure
[[nodiscard]] DaemonChoice choose_daemon(const Arguments& global,
                                         const ClientConfig& config);

/// The name alone, whether or not there is such a context.
[[nodiscard]] std::string current_context(const Arguments& global,
                                          const ClientConfig& config);

}  // namespace docker_cpp::cli
