// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "docker_cpp/cli/command.hpp"

/// One function per command, each in a file of its own. \returns the exit code
namespace docker_cpp::cli::commands {

int run(Context& context, const Arguments& arguments);
int exec(Context& context, const Arguments& arguments);
int ps(Context& context, const Arguments& arguments);
int pull(Context& context, const Arguments& arguments);
int push(Context& context, const Arguments& arguments);
int login(Context& context, const Arguments& arguments);
int logout(Context& context, const Arguments& arguments);
int search(Context& context, const Arguments& arguments);
int system_check(Context& context, const Arguments& arguments);
int manifest_inspect(Context& context, const Arguments& arguments);
int manifest_ls(Context& context, const Arguments& arguments);
int manifest_create(Context& context, const Arguments& arguments);
int manifest_annotate(Context& context, const Arguments& arguments);
int manifest_push(Context& context, const Arguments& arguments);
int manifest_rm(Context& context, const Arguments& arguments);
int images(Context& context, const Arguments& arguments);
int version(Context& context, const Arguments& arguments);
int info(Context& context, const Arguments& arguments);
int attach(Context& context, const Arguments& arguments);
int commit(Context& context, const Arguments& arguments);
int create(Context& context, const Arguments& arguments);
int diff(Context& context, const Arguments& arguments);
int events(Context& context, const Arguments& arguments);
int export_container(Context& context, const Arguments& arguments);
int history(Context& context, const Arguments& arguments);
int build(Context& context, const Arguments& arguments);
int builder_prune(Context& context, const Arguments& arguments);
int import_image(Context& context, const Arguments& arguments);
int inspect(Context& context, const Arguments& arguments);
int kill(Context& context, const Arguments& arguments);
int load(Context& context, const Arguments& arguments);
int logs(Context& context, const Arguments& arguments);
int pause(Context& context, const Arguments& arguments);
int port(Context& context, const Arguments& arguments);
int rename(Context& context, const Arguments& arguments);
int restart(Context& context, const Arguments& arguments);
int rm(Context& context, const Arguments& arguments);
int rmi(Context& context, const Arguments& arguments);
int save(Context& context, const Arguments& arguments);
int start(Context& context, const Arguments& arguments);
int stop(Context& context, const Arguments& arguments);
int tag(Context& context, const Arguments& arguments);
int top(Context& context, const Arguments& arguments);
int unpause(Context& context, const Arguments& arguments);
int update(Context& context, const Arguments& arguments);
int wait(Context& context, const Arguments& arguments);
int container_inspect(Context& context, const Arguments& arguments);
int container_prune(Context& context, const Arguments& arguments);
int image_inspect(Context& context, const Arguments& arguments);
int image_prune(Context& context, const Arguments& arguments);
int network_connect(Context& context, const Arguments& arguments);
int network_create(Context& context, const Arguments& arguments);
int network_disconnect(Context& context, const Arguments& arguments);
int network_inspect(Context& context, const Arguments& arguments);
int network_ls(Context& context, const Arguments& arguments);
int network_prune(Context& context, const Arguments& arguments);
int network_rm(Context& context, const Arguments& arguments);
int system_prune(Context& context, const Arguments& arguments);
int context_create(Context& context, const Arguments& arguments);
int context_export(Context& context, const Arguments& arguments);
int context_import(Context& context, const Arguments& arguments);
int context_inspect(Context& context, const Arguments& arguments);
int context_list(Context& context, const Arguments& arguments);
int context_remove(Context& context, const Arguments& arguments);
int context_show(Context& context, const Arguments& arguments);
int context_update(Context& context, const Arguments& arguments);
int context_use(Context& context, const Arguments& arguments);
int stats(Context& context, const Arguments& arguments);
int dial_stdio(Context& context, const Arguments& arguments);
int checkpoint_create(Context& context, const Arguments& arguments);
int checkpoint_list(Context& context, const Arguments& arguments);
int checkpoint_remove(Context& context, const Arguments& arguments);
int plugin_list(Context& context, const Arguments& arguments);
int plugin_inspect(Context& context, const Arguments& arguments);
int plugin_enable(Context& context, const Arguments& arguments);
int plugin_disable(Context& context, const Arguments& arguments);
int plugin_remove(Context& context, const Arguments& arguments);
int plugin_set(Context& context, const Arguments& arguments);

}  // namespace docker_cpp::cli::commands
