// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "docker_cpp/images/build_session.hpp"
#include "docker_cpp/images/worker_task.hpp"

namespace docker_cpp::images {

/// Runs a worker to its end. \throws ImageError with what it says
void run_tree(const TreeRun& run);

/// An image configuration with its `rootfs`.
[[nodiscard]] std::string with_layers(const std::string& config,
                                      const BuildLayers& layers);

}  // namespace docker_cpp::images
