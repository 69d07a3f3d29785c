// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "docker_cpp/cli/command.hpp"

/// One function per command of `compose`. \returns the exit code
namespace docker_cpp::cli::compose {

int up(Context& context, const Arguments& arguments);
int down(Context& context, const Arguments& arguments);
int create(Context& context, const Arguments& arguments);
int scale(Context& context, const Arguments& arguments);
int start(Context& context, const Arguments& arguments);
int stop(Context& context, const Arguments& arguments);
int restart(Context& context, const Arguments& arguments);
int pause(Context& context, const Arguments& arguments);
int unpause(Context& context, const Arguments& arguments);
int kill(Context& context, const Arguments& arguments);
int rm(Context& context, const Arguments& arguments);
int run(Context& context, const Arguments& arguments);
int exec(Context& context, const Arguments& arguments);
int cp(Context& context, const Arguments& arguments);
int build(Context& context, const Arguments& arguments);
int pull(Context& context, const Arguments& arguments);
int push(Context& context, const Arguments& arguments);
int config(Context& context, const Arguments& arguments);
int ps(Context& context, const Arguments& arguments);
int ls(Context& context, const Arguments& arguments);
int logs(Context& context, const Arguments& arguments);
int top(Context& context, const Arguments& arguments);
int images(Context& context, const Arguments& arguments);
int port(Context& context, const Arguments& arguments);
int events(Context& context, const Arguments& arguments);
int wait(Context& context, const Arguments& arguments);
int version(Context& context, const Arguments& arguments);

}  // namespace docker_cpp::cli::compose
