// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "docker_cpp/cli/engine.hpp"
#include "docker_cpp/cli/reference.hpp"

namespace docker_cpp::cli {

struct PullOptions {
  std::string platform;
  int output = 1;  ///< where the progress goes
  bool quiet = false;
  bool all_tags = false;
  std::string auth;  ///< registry_auth() of its registry
};

/// \throws Failure, with the daemon's words
void pull_image(Engine& engine, const Reference& reference,
                const PullOptions& options);

}  // namespace docker_cpp::cli
