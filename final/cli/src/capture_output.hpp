// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace docker_cpp::cli {

/// What a program (found in PATH) prints on stdout; empty if it fails.
[[nodiscard]] std::string capture_output(std::vector<std::string> command);

}  // namespace docker_cpp::cli
