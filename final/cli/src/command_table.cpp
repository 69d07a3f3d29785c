// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "commands/commands.hpp"
#include "tables/attach_options.hpp"
#include "tables/commit_options.hpp"
#include "tables/container_inspect_options.hpp"
#include "tables/container_prune_options.hpp"
#include "tables/events_options.hpp"
#include "tables/exec_options.hpp"
#include "tables/export_container_options.hpp"
#include "tables/history_options.hpp"
#include "tables/image_inspect_options.hpp"
#include "tables/image_prune_options.hpp"
#include "tables/images_options.hpp"
#include "tables/import_image_options.hpp"
#include "tables/info_options.hpp"
#include "tables/inspect_options.hpp"
#include "tables/kill_options.hpp"
#include "tables/load_options.hpp"
#include "tables/logs_options.hpp"
#include "tables/ps_options.hpp"
#include "tables/pull_options.hpp"
#include "tables/push_options.hpp"
#include "tables/restart_options.hpp"
#include "tables/rm_options.hpp"
#include "tables/rmi_options.hpp"
#include "tables/run_options.hpp"
#include "tables/save_options.hpp"
#include "tables/start_options.hpp"
#include "tables/stop_options.hpp"
#include "tables/system_prune_options.hpp"
#include "tables/update_options.hpp"
#include "tables/version_options.hpp"

#include "docker_cpp/cli/command.hpp"

namespace docker_cpp::cli {
namespace {

constexpr bool only_of_run(std::string_view name) {
  return name == "detach" || name == "detach-keys" || name == "sig-proxy";
}

/// Those of run but for what only a started container has.
constexpr auto create_options = [] {
  constexpr auto kept = tables::run_options.size() - 3;
  std::array<OptionSpec, kept> options{};
  std::ranges::copy_if(
      tables::run_options, options.begin(),
      [](const OptionSpec& option) { return !only_of_run(option.name); });
  return options;
}();

// The table of commands: look-up, help and completion all read it.
constexpr std::array commands_table = {
    CommandSpec{.paths = {"run", "container run"},
                .arguments = "[OPTIONS] IMAGE [COMMAND] [ARG...]",
                .summary = "Create and run a new container from an image",
                .aliases = "container run, run",
                .options = tables::run_options,
                .least = 1,
                .most = -1,
                .order = Order::options_first,
                .common = true,
                .run = commands::run},
    CommandSpec{.paths = {"exec", "container exec"},
                .arguments = "[OPTIONS] CONTAINER COMMAND [ARG...]",
                .summary = "Execute a command in a running container",
                .aliases = "container exec, exec",
                .options = tables::exec_options,
                .least = 2,
                .most = -1,
                .order = Order::options_first,
                .common = true,
                .run = commands::exec},
    CommandSpec{
        .paths = {"ps", "container ls", "container list", "container ps"},
        .arguments = "[OPTIONS]",
        .summary = "List containers",
        .aliases = "container ls, container list, container ps, ps",
        .options = tables::ps_options,
        .least = 0,
        .most = 0,
        .common = true,
        .run = commands::ps},
    CommandSpec{.paths = {"pull", "image pull"},
                .arguments = "[OPTIONS] NAME[:TAG|@DIGEST]",
                .summary = "Download an image from a registry",
                .aliases = "image pull, pull",
                .options = tables::pull_options,
                .least = 1,
                .most = 1,
                .common = true,
                .run = commands::pull},
    CommandSpec{.paths = {"push", "image push"},
                .arguments = "[OPTIONS] NAME[:TAG]",
                .summary = "Upload an image to a registry",
                .aliases = "image push, push",
                .options = tables::push_options,
                .least = 1,
                .most = 1,
                .common = true,
                .run = commands::push},
    CommandSpec{.paths = {"images", "image ls", "image list"},
                .arguments = "[OPTIONS] [REPOSITORY[:TAG]]",
                .summary = "List images",
                .aliases = "image ls, image list, images",
                .options = tables::images_options,
                .least = 0,
                .most = 1,
                .common = true,
                .run = commands::images},
    CommandSpec{.paths = {"version"},
                .arguments = "[OPTIONS]",
                .summary = "Show the Docker version information",
                .options = tables::version_options,
                .least = 0,
                .most = 0,
                .common = true,
                .run = commands::version},
    CommandSpec{.paths = {"info", "system info"},
                .arguments = "[OPTIONS]",
                .summary = "Display system-wide information",
                .aliases = "system info, info",
                .options = tables::info_options,
                .least = 0,
                .most = 0,
                .common = true,
                .run = commands::info},
    CommandSpec{.paths = {"attach", "container attach"},
                .arguments = "[OPTIONS] CONTAINER",
                .summary = "Attach local standard input, output, and error "
                           "streams to a running container",
                .aliases = "container attach, attach",
                .options = tables::attach_options,
                .least = 1,
                .most = 1,
                .run = commands::attach},
    CommandSpec{.paths = {"commit", "container commit"},
                .arguments = "[OPTIONS] CONTAINER [REPOSITORY[:TAG]]",
                .summary = "Create a new image from a container's changes",
                .aliases = "container commit, commit",
                .options = tables::commit_options,
                .least = 1,
                .most = 2,
                .run = commands::commit},
    CommandSpec{.paths = {"create", "container create"},
                .arguments = "[OPTIONS] IMAGE [COMMAND] [ARG...]",
                .summary = "Create a new container",
                .aliases = "container create, create",
                .options = create_options,
                .least = 1,
                .most = -1,
                .order = Order::options_first,
                .run = commands::create},
    CommandSpec{.paths = {"diff", "container diff"},
                .arguments = "CONTAINER",
                .summary = "Inspect changes to files or directories on a "
                           "container's filesystem",
                .aliases = "container diff, diff",
                .least = 1,
                .most = 1,
                .run = commands::diff},
    CommandSpec{.paths = {"events", "system events"},
                .arguments = "[OPTIONS]",
                .summary = "Get real time events from the server",
                .aliases = "system events, events",
                .options = tables::events_options,
                .least = 0,
                .most = 0,
                .run = commands::events},
    CommandSpec{.paths = {"export", "container export"},
                .arguments = "[OPTIONS] CONTAINER",
                .summary = "Export a container's filesystem as a tar archive",
                .aliases = "container export, export",
                .options = tables::export_container_options,
                .least = 1,
                .most = 1,
                .run = commands::export_container},
    CommandSpec{.paths = {"history", "image history"},
                .arguments = "[OPTIONS] IMAGE",
                .summary = "Show the history of an image",
                .aliases = "image history, history",
                .options = tables::history_options,
                .least = 1,
                .most = 1,
                .run = commands::history},
    CommandSpec{
        .paths = {"import", "image import"},
        .arguments = "[OPTIONS] file|URL|- [REPOSITORY[:TAG]]",
        .summary =
            "Import the contents from a tarball to create a filesystem image",
        .aliases = "image import, import",
        .options = tables::import_image_options,
        .least = 1,
        .most = 2,
        .run = commands::import_image},
    CommandSpec{.paths = {"inspect"},
                .arguments = "[OPTIONS] NAME|ID [NAME|ID...]",
                .summary = "Return low-level information on Docker objects",
                .options = tables::inspect_options,
                .least = 1,
                .most = -1,
                .run = commands::inspect},
    CommandSpec{.paths = {"kill", "container kill"},
                .arguments = "[OPTIONS] CONTAINER [CONTAINER...]",
                .summary = "Kill one or more running containers",
                .aliases = "container kill, kill",
                .options = tables::kill_options,
                .least = 1,
                .most = -1,
                .run = commands::kill},
    CommandSpec{.paths = {"load", "image load"},
                .arguments = "[OPTIONS]",
                .summary = "Load an image from a tar archive or STDIN",
                .aliases = "image load, load",
                .options = tables::load_options,
                .least = 0,
                .most = 0,
                .run = commands::load},
    CommandSpec{.paths = {"logs", "container logs"},
                .arguments = "[OPTIONS] CONTAINER",
                .summary = "Fetch the logs of a container",
                .aliases = "container logs, logs",
                .options = tables::logs_options,
                .least = 1,
                .most = 1,
                .run = commands::logs},
    CommandSpec{.paths = {"pause", "container pause"},
                .arguments = "CONTAINER [CONTAINER...]",
                .summary = "Pause all processes within one or more containers",
                .aliases = "container pause, pause",
                .least = 1,
                .most = -1,
                .run = commands::pause},
    CommandSpec{
        .paths = {"port", "container port"},
        .arguments = "CONTAINER [PRIVATE_PORT[/PROTO]]",
        .summary = "List port mappings or a specific mapping for the container",
        .aliases = "container port, port",
        .least = 1,
        .most = 2,
        .run = commands::port},
    CommandSpec{.paths = {"rename", "container rename"},
                .arguments = "CONTAINER NEW_NAME",
                .summary = "Rename a container",
                .aliases = "container rename, rename",
                .least = 2,
                .most = 2,
                .run = commands::rename},
    CommandSpec{.paths = {"restart", "container restart"},
                .arguments = "[OPTIONS] CONTAINER [CONTAINER...]",
                .summary = "Restart one or more containers",
                .aliases = "container restart, restart",
                .options = tables::restart_options,
                .least = 1,
                .most = -1,
                .run = commands::restart},
    CommandSpec{.paths = {"rm", "container rm", "container remove"},
                .arguments = "[OPTIONS] CONTAINER [CONTAINER...]",
                .summary = "Remove one or more containers",
                .aliases = "container rm, container remove, rm",
                .options = tables::rm_options,
                .least = 1,
                .most = -1,
                .run = commands::rm},
    CommandSpec{.paths = {"rmi", "image rm", "image remove"},
                .arguments = "[OPTIONS] IMAGE [IMAGE...]",
                .summary = "Remove one or more images",
                .aliases = "image rm, image remove, rmi",
                .options = tables::rmi_options,
                .least = 1,
                .most = -1,
                .run = commands::rmi},
    CommandSpec{.paths = {"save", "image save"},
                .arguments = "[OPTIONS] IMAGE [IMAGE...]",
                .summary = "Save one or more images to a tar archive (streamed "
                           "to STDOUT by default)",
                .aliases = "image save, save",
                .options = tables::save_options,
                .least = 1,
                .most = -1,
                .run = commands::save},
    CommandSpec{.paths = {"start", "container start"},
                .arguments = "[OPTIONS] CONTAINER [CONTAINER...]",
                .summary = "Start one or more stopped containers",
                .aliases = "container start, start",
                .options = tables::start_options,
                .least = 1,
                .most = -1,
                .run = commands::start},
    CommandSpec{.paths = {"stop", "container stop"},
                .arguments = "[OPTIONS] CONTAINER [CONTAINER...]",
                .summary = "Stop one or more running containers",
                .aliases = "container stop, stop",
                .options = tables::stop_options,
                .least = 1,
                .most = -1,
                .run = commands::stop},
    CommandSpec{
        .paths = {"tag", "image tag"},
        .arguments = "SOURCE_IMAGE[:TAG] TARGET_IMAGE[:TAG]",
        .summary = "Create a tag TARGET_IMAGE that refers to SOURCE_IMAGE",
        .aliases = "image tag, tag",
        .least = 2,
        .most = 2,
        .run = commands::tag},
    CommandSpec{.paths = {"top", "container top"},
                .arguments = "CONTAINER [ps OPTIONS]",
                .summary = "Display the running processes of a container",
                .aliases = "container top, top",
                .least = 1,
                .most = -1,
                .order = Order::options_first,
                .run = commands::top},
    CommandSpec{
        .paths = {"unpause", "container unpause"},
        .arguments = "CONTAINER [CONTAINER...]",
        .summary = "Unpause all processes within one or more containers",
        .aliases = "container unpause, unpause",
        .least = 1,
        .most = -1,
        .run = commands::unpause},
    CommandSpec{.paths = {"update", "container update"},
                .arguments = "[OPTIONS] CONTAINER [CONTAINER...]",
                .summary = "Update configuration of one or more containers",
                .aliases = "container update, update",
                .options = tables::update_options,
                .least = 1,
                .most = -1,
                .run = commands::update},
    CommandSpec{.paths = {"wait", "container wait"},
                .arguments = "CONTAINER [CONTAINER...]",
                .summary = "Block until one or more containers stop, then "
                           "print their exit codes",
                .aliases = "container wait, wait",
                .least = 1,
                .most = -1,
                .run = commands::wait},
    CommandSpec{
        .paths = {"container inspect"},
        .arguments = "[OPTIONS] CONTAINER [CONTAINER...]",
        .summary = "Display detailed information on one or more containers",
        .options = tables::container_inspect_options,
        .least = 1,
        .most = -1,
        .run = commands::container_inspect},
    CommandSpec{.paths = {"container prune"},
                .arguments = "[OPTIONS]",
                .summary = "Remove all stopped containers",
                .options = tables::container_prune_options,
                .least = 0,
                .most = 0,
                .run = commands::container_prune},
    CommandSpec{.paths = {"image inspect"},
                .arguments = "[OPTIONS] IMAGE [IMAGE...]",
                .summary = "Display detailed information on one or more images",
                .options = tables::image_inspect_options,
                .least = 1,
                .most = -1,
                .run = commands::image_inspect},
    CommandSpec{.paths = {"image prune"},
                .arguments = "[OPTIONS]",
                .summary = "Remove unused images",
                .options = tables::image_prune_options,
                .least = 0,
                .most = 0,
                .run = commands::image_prune},
    CommandSpec{.paths = {"system prune"},
                .arguments = "[OPTIONS]",
                .summary = "Remove unused data",
                .options = tables::system_prune_options,
                .least = 0,
                .most = 0,
                .run = commands::system_prune},
};

constexpr std::array groups_table = {
    CommandGroup{"container", "Manage containers"},
    CommandGroup{"image", "Manage images"},
    CommandGroup{"system", "Manage Docker"},
};

}  // namespace

std::span<const CommandSpec> all_commands() noexcept {
  return commands_table;
}

std::span<const CommandGroup> all_groups() noexcept {
  return groups_table;
}

}  // namespace docker_cpp::cli
