// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "docker_cpp/cli/command.hpp"

/// Commands that docker has not.
namespace docker_cpp::cli::commands {

/// A container's `run` command, to be typed again.
int show_run(Context& context, const Arguments& arguments);
/// What this machine, the client and the daemon are like, and what to do.
int doctor(Context& context, const Arguments& arguments);

}  // namespace docker_cpp::cli::commands
