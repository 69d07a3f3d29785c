// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "docker_cpp/cli/command.hpp"
#include "docker_cpp/cli/create_body.hpp"

namespace docker_cpp::cli {

/// Reads the options of run and create; what does not fit is told with the
/// program's name and a hint. \throws Failure with exit code 125
[[nodiscard]] CreateBody read_create_options(Context& context,
                                             const Arguments& arguments);

/// Creates the container, pulling its image if that is wanted and needed, and
/// writes the --cidfile. \returns its id \throws Failure
[[nodiscard]] std::string create_container(Context& context,
                                           const Arguments& arguments,
                                           const CreateBody& request);

/// The failure as `run` reports it: with the program's name and a hint.
[[nodiscard]] Failure with_hint(const std::string& message,
                                const Arguments& arguments, int exit_code);

}  // namespace docker_cpp::cli
