// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "docker_cpp/cli/engine.hpp"

namespace docker_cpp::cli {

/// Where `-o` wants the result besides the engine's own images.
struct BuildOutputSpec {
  std::string type;  ///< local, tar, oci, docker, image
  std::string destination;
};

/// "type=tar,dest=x.tar", "folder", "-". \throws Failure
[[nodiscard]] BuildOutputSpec parse_build_output(const std::string& text);

/// What the daemon sends goes into a file. \throws Failure
void copy_body(Exchange& exchange, int into);

/// \throws Failure
void write_build_output(Engine& engine, const std::string& image,
                        const BuildOutputSpec& output);

}  // namespace docker_cpp::cli
