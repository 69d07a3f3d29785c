// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "docker_cpp/cli/command.hpp"

/// The commands about files, volumes and the disk, as commands.hpp has others.
namespace docker_cpp::cli::commands {

int cp(Context& context, const Arguments& arguments);
int system_df(Context& context, const Arguments& arguments);
int volume_create(Context& context, const Arguments& arguments);
int volume_inspect(Context& context, const Arguments& arguments);
int volume_ls(Context& context, const Arguments& arguments);
int volume_prune(Context& context, const Arguments& arguments);
int volume_rename(Context& context, const Arguments& arguments);
int volume_rm(Context& context, const Arguments& arguments);

}  // namespace docker_cpp::cli::commands
