// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include "docker_cpp/cli/option_spec.hpp"

namespace docker_cpp::cli::tables::compose_options {

inline constexpr std::array of_pull = {
    OptionSpec{0, "ignore-buildable", Kind::flag, "",
               "Ignore images that can be built"},
    OptionSpec{0, "ignore-pull-failures", Kind::flag, "",
               "Pull what it can and ignores images with pull failures"},
    OptionSpec{0, "include-deps", Kind::flag, "",
               "Also pull services declared as dependencies"},
    OptionSpec{'q', "quiet", Kind::flag, "",
               "Pull without printing progress information"},
};

inline constexpr std::array of_push = {
    OptionSpec{0, "ignore-push-failures", Kind::flag, "",
               "Push what it can and ignores images with push failures"},
    OptionSpec{0, "include-deps", Kind::flag, "",
               "Also push images of services declared as dependencies"},
    OptionSpec{'q', "quiet", Kind::flag, "",
               "Push without printing progress information"},
};

inline constexpr std::array of_config = {
    OptionSpec{0, "environment", Kind::flag, "",
               "Print environment used for interpolation"},
    OptionSpec{0, "format", Kind::text, "string",
               "Format the output. Values: [yaml | json]"},
    OptionSpec{0, "hash", Kind::text, "string",
               "Print the service config hash, one per line"},
    OptionSpec{0, "images", Kind::flag, "",
               "Print the image names, one per line"},
    OptionSpec{0, "networks", Kind::flag, "",
               "Print the network names, one per line"},
    OptionSpec{0, "no-interpolate", Kind::flag, "",
               "Don't interpolate environment variables"},
    OptionSpec{'o', "output", Kind::text, "string",
               "Save to file (default to stdout)"},
    OptionSpec{0, "profiles", Kind::flag, "",
               "Print the profile names, one per line"},
    OptionSpec{'q', "quiet", Kind::flag, "",
               "Only validate the configuration, don't print anything"},
    OptionSpec{0, "services", Kind::flag, "",
               "Print the service names, one per line"},
    OptionSpec{0, "volumes", Kind::flag, "",
               "Print the volume names, one per line"},
};

inline constexpr std::array of_ps = {
    OptionSpec{'a', "all", Kind::flag, "",
               "Show all stopped containers (including those created by the "
               "run command)"},
    OptionSpec{0, "filter", Kind::list, "stringArray",
               "Filter services by a property (supported filters: status)"},
    OptionSpec{
        0, "format", Kind::text, "string",
        "Format output: 'table', 'table TEMPLATE', 'json' or 'TEMPLATE'"},
    OptionSpec{0, "no-trunc", Kind::flag, "", "Don't truncate output"},
    OptionSpec{'q', "quiet", Kind::flag, "", "Only display IDs"},
    OptionSpec{0, "services", Kind::flag, "", "Display services"},
    OptionSpec{0, "status", Kind::list, "stringArray",
               "Filter services by status. Values: [paused | restarting | "
               "removing | running | dead | created | exited]"},
};

inline constexpr std::array of_ls = {
    OptionSpec{'a', "all", Kind::flag, "", "Show all stopped Compose projects"},
    OptionSpec{0, "format", Kind::text, "string",
               "Format the output. Values: [table | json]"},
    OptionSpec{'q', "quiet", Kind::flag, "", "Only display project names"},
};

inline constexpr std::array of_logs = {
    OptionSpec{'f', "follow", Kind::flag, "", "Follow log output"},
    OptionSpec{0, "index", Kind::integer, "int",
               "index of the container if service has multiple replicas"},
    OptionSpec{0, "no-color", Kind::flag, "", "Produce monochrome output"},
    OptionSpec{0, "no-log-prefix", Kind::flag, "",
               "Don't print prefix in logs"},
    OptionSpec{0, "since", Kind::text, "string",
               "Show logs since timestamp (e.g. 2013-01-02T13:23:37Z) or "
               "relative (e.g. 42m for 42 minutes)"},
    OptionSpec{'n', "tail", Kind::text, "string",
               "Number of lines to show from the end of the logs for each "
               "container (default \"all\")"},
    OptionSpec{'t', "timestamps", Kind::flag, "", "Show timestamps"},
    OptionSpec{0, "until", Kind::text, "string",
               "Show logs before a timestamp (e.g. 2013-01-02T13:23:37Z) or "
               "relative (e.g. 42m for 42 minutes)"},
};

inline constexpr std::array of_images = {
    OptionSpec{0, "format", Kind::text, "string",
               "Format the output. Values: [table | json]"},
    OptionSpec{'q', "quiet", Kind::flag, "", "Only display IDs"},
};

inline constexpr std::array of_port = {
    OptionSpec{0, "index", Kind::integer, "int",
               "Index of the container if service has multiple replicas"},
    OptionSpec{0, "protocol", Kind::text, "string",
               "tcp or udp (default \"tcp\")"},
};

inline constexpr std::array of_events = {
    OptionSpec{0, "json", Kind::flag, "",
               "Output events as a stream of json objects"},
    OptionSpec{0, "since", Kind::text, "string",
               "Show all events created since timestamp"},
    OptionSpec{0, "until", Kind::text, "string",
               "Stream events until this timestamp"},
};

inline constexpr std::array of_wait = {
    OptionSpec{0, "down-project", Kind::flag, "",
               "Drops project when the first container stops"},
};

inline constexpr std::array of_version = {
    OptionSpec{'f', "format", Kind::text, "string",
               "Format the output. Values: [pretty | json]"},
    OptionSpec{0, "short", Kind::flag, "",
               "Shows only Compose's version number"},
};

}  // namespace docker_cpp::cli::tables::compose_options
