// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "commands/commands.hpp"
#include "tables/attach_options.hpp"
#include "tables/command_tables.hpp"
#include "tables/container_inspect_options.hpp"
#include "tables/exec_options.hpp"
#include "tables/kill_options.hpp"
#include "tables/logs_options.hpp"
#include "tables/ps_options.hpp"
#include "tables/restart_options.hpp"
#include "tables/rm_options.hpp"
#include "tables/run_options.hpp"
#include "tables/start_options.hpp"
#include "tables/stats_options.hpp"
#include "tables/stop_options.hpp"
#include "tables/update_options.hpp"
namespace docker_cpp::cli::tables {

namespace {

constexpr bool only_of_run(std::string_view name) {
  return name == "detach" || name == "detach-keys" || name == "sig-proxy";
}

/// Those of run but for what only a started container has.
constexpr auto create_options = [] {
  constexpr auto kept = run_options.size() - 3;
  std::array<OptionSpec, kept> options{};
  std::ranges::copy_if(
      run_options, options.begin(),
      [](const OptionSpec& option) { return !only_of_run(option.name); });
  return options;
}();

constexpr std::array table = {
    CommandSpec{
        .paths = {"run", "container run"},
        .arguments = "[OPTIONS] IMAGE [COMMAND] [ARG...]",
        .summary = "Create and run a new container from an image",
        .aliases = "container run, run",
        .options = run_options,
        .least = 1,
        .most = -1,
        .order = Order::options_first,
        .common = true,
        .completes = {Names::images},
        .examples =
            "docker-cpp run --rm -it busybox sh\n"
            "docker-cpp run -d --name web -p 8080:80 -v data:/srv nginx\n"
            "docker-cpp run --rm -m 64m --cpus 0.5 busybox true",
        .run = commands::run},
    CommandSpec{.paths = {"exec", "container exec"},
                .arguments = "[OPTIONS] CONTAINER COMMAND [ARG...]",
                .summary = "Execute a command in a running container",
                .aliases = "container exec, exec",
                .options = exec_options,
                .least = 2,
                .most = -1,
                .order = Order::options_first,
                .common = true,
                .completes = {Names::running},
                .examples = "docker-cpp exec -it web sh\n"
                            "docker-cpp exec -e A=b -w /tmp web env",
                .run = commands::exec},
    CommandSpec{
        .paths = {"ps", "container ls", "container list", "container ps"},
        .arguments = "[OPTIONS]",
        .summary = "List containers",
        .aliases = "container ls, container list, container ps, ps",
        .options = ps_options,
        .least = 0,
        .most = 0,
        .common = true,
        .examples = "docker-cpp ps -a --filter status=exited\n"
                    "docker-cpp ps --format 'table {{.Names}}\\t{{.Status}}'",
        .run = commands::ps},
    CommandSpec{.paths = {"attach", "container attach"},
                .arguments = "[OPTIONS] CONTAINER",
                .summary = "Attach local standard input, output, and error "
                           "streams to a running container",
                .aliases = "container attach, attach",
                .options = attach_options,
                .least = 1,
                .most = 1,
                .completes = {Names::running},
                .run = commands::attach},
    CommandSpec{.paths = {"create", "container create"},
                .arguments = "[OPTIONS] IMAGE [COMMAND] [ARG...]",
                .summary = "Create a new container",
                .aliases = "container create, create",
                .options = create_options,
                .least = 1,
                .most = -1,
                .order = Order::options_first,
                .completes = {Names::images},
                .run = commands::create},
    CommandSpec{.paths = {"kill", "container kill"},
                .arguments = "[OPTIONS] CONTAINER [CONTAINER...]",
                .summary = "Kill one or more running containers",
                .aliases = "container kill, kill",
                .options = kill_options,
                .least = 1,
                .most = -1,
                .completes = {Names::running, Names::running},
                .run = commands::kill},
    CommandSpec{.paths = {"logs", "container logs"},
                .arguments = "[OPTIONS] CONTAINER",
                .summary = "Fetch the logs of a container",
                .aliases = "container logs, logs",
                .options = logs_options,
                .least = 1,
                .most = 1,
                .completes = {Names::containers},
                .examples = "docker-cpp logs -f --tail 20 web\n"
                            "docker-cpp logs --since 10m web\n"
                            "docker-cpp logs --clear web",
                .run = commands::logs},
    CommandSpec{.paths = {"pause", "container pause"},
                .arguments = "CONTAINER [CONTAINER...]",
                .summary = "Pause all processes within one or more containers",
                .aliases = "container pause, pause",
                .least = 1,
                .most = -1,
                .completes = {Names::running, Names::running},
                .run = commands::pause},
    CommandSpec{
        .paths = {"port", "container port"},
        .arguments = "CONTAINER [PRIVATE_PORT[/PROTO]]",
        .summary = "List port mappings or a specific mapping for the container",
        .aliases = "container port, port",
        .least = 1,
        .most = 2,
        .completes = {Names::running},
        .run = commands::port},
    CommandSpec{.paths = {"rename", "container rename"},
                .arguments = "CONTAINER NEW_NAME",
                .summary = "Rename a container",
                .aliases = "container rename, rename",
                .least = 2,
                .most = 2,
                .completes = {Names::containers},
                .run = commands::rename},
    CommandSpec{.paths = {"restart", "container restart"},
                .arguments = "[OPTIONS] CONTAINER [CONTAINER...]",
                .summary = "Restart one or more containers",
                .aliases = "container restart, restart",
                .options = restart_options,
                .least = 1,
                .most = -1,
                .completes = {Names::containers, Names::containers},
                .run = commands::restart},
    CommandSpec{.paths = {"rm", "container rm", "container remove"},
                .arguments = "[OPTIONS] CONTAINER [CONTAINER...]",
                .summary = "Remove one or more containers",
                .aliases = "container rm, container remove, rm",
                .options = rm_options,
                .least = 1,
                .most = -1,
                .completes = {Names::containers, Names::containers},
                .examples = "docker-cpp rm -f web\n"
                            "docker-cpp rm -v $(docker-cpp ps -aq)",
                .run = commands::rm},
    CommandSpec{.paths = {"start", "container start"},
                .arguments = "[OPTIONS] CONTAINER [CONTAINER...]",
                .summary = "Start one or more stopped containers",
                .aliases = "container start, start",
                .options = start_options,
                .least = 1,
                .most = -1,
                .completes = {Names::stopped, Names::stopped},
                .run = commands::start},
    CommandSpec{.paths = {"stats", "container stats"},
                .arguments = "[OPTIONS] [CONTAINER...]",
                .summary = "Display a live stream of container(s) resource "
                           "usage statistics",
                .aliases = "container stats, stats",
                .options = stats_options,
                .least = 0,
                .most = -1,
                .completes = {Names::running, Names::running},
                .examples = "docker-cpp stats --no-stream",
                .run = commands::stats},
    CommandSpec{.paths = {"stop", "container stop"},
                .arguments = "[OPTIONS] CONTAINER [CONTAINER...]",
                .summary = "Stop one or more running containers",
                .aliases = "container stop, stop",
                .options = stop_options,
                .least = 1,
                .most = -1,
                .completes = {Names::running, Names::running},
                .examples = "docker-cpp stop -t 2 web",
                .run = commands::stop},
    CommandSpec{.paths = {"top", "container top"},
                .arguments = "CONTAINER [ps OPTIONS]",
                .summary = "Display the running processes of a container",
                .aliases = "container top, top",
                .least = 1,
                .most = -1,
                .order = Order::options_first,
                .completes = {Names::running},
                .run = commands::top},
    CommandSpec{
        .paths = {"unpause", "container unpause"},
        .arguments = "CONTAINER [CONTAINER...]",
        .summary = "Unpause all processes within one or more containers",
        .aliases = "container unpause, unpause",
        .least = 1,
        .most = -1,
        .completes = {Names::paused, Names::paused},
        .run = commands::unpause},
    CommandSpec{.paths = {"update", "container update"},
                .arguments = "[OPTIONS] CONTAINER [CONTAINER...]",
                .summary = "Update configuration of one or more containers",
                .aliases = "container update, update",
                .options = update_options,
                .least = 1,
                .most = -1,
                .completes = {Names::containers, Names::containers},
                .examples = "docker-cpp update -m 128m --memory-swap 256m web\n"
                            "docker-cpp update --restart unless-stopped web",
                .run = commands::update},
    CommandSpec{.paths = {"wait", "container wait"},
                .arguments = "CONTAINER [CONTAINER...]",
                .summary = "Block until one or more containers stop, then "
                           "print their exit codes",
                .aliases = "container wait, wait",
                .least = 1,
                .most = -1,
                .completes = {Names::containers, Names::containers},
                .run = commands::wait},
    CommandSpec{
        .paths = {"container inspect"},
        .arguments = "[OPTIONS] CONTAINER [CONTAINER...]",
        .summary = "Display detailed information on one or more containers",
        .options = container_inspect_options,
        .least = 1,
        .most = -1,
        .completes = {Names::containers, Names::containers},
        .run = commands::container_inspect},
};

}  // namespace

std::span<const CommandSpec> container_commands() noexcept {
  return table;
}

}  // namespace docker_cpp::cli::tables
