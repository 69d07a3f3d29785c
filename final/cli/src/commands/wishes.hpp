// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "docker_cpp/cli/command.hpp"

/// Commands that docker has not.
namespace docker_cpp::cli::commands {

/// A container's `run` command, to be typed again.
int show_run(Context& context, const Arguments& arguments);
/// What this machine, the client and the daemon are like, and what to do.
int doctor(Context& context, const Arguments& arguments);

/// What keeps a container apart from the machine.
int explain(Context& context, const Arguments& arguments);
/// A page about the engine, on this machine's loopback.
int show_dashboard(Context& context, const Arguments& arguments);

/// The files of a container at a moment, and a second container of them.
int snapshot_create(Context& context, const Arguments& arguments);
int snapshot_ls(Context& context, const Arguments& arguments);
int snapshot_restore(Context& context, const Arguments& arguments);
int snapshot_rm(Context& context, const Arguments& arguments);
int clone(Context& context, const Arguments& arguments);

}  // namespace docker_cpp::cli::commands
