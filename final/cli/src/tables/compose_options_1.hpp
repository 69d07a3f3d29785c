// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include "docker_cpp/cli/option_spec.hpp"

namespace docker_cpp::cli::tables::compose_options {

inline constexpr std::array of_up = {
    OptionSpec{0, "abort-on-container-exit", Kind::flag, "",
               "Stops all containers if any container was stopped"},
    OptionSpec{0, "abort-on-container-failure", Kind::flag, "",
               "Stops all containers if any container exited with failure"},
    OptionSpec{0, "always-recreate-deps", Kind::flag, "",
               "Recreate dependent containers"},
    OptionSpec{0, "attach", Kind::list, "stringArray",
               "Restrict attaching to the specified services"},
    OptionSpec{0, "build", Kind::flag, "",
               "Build images before starting containers"},
    OptionSpec{'d', "detach", Kind::flag, "",
               "Detached mode: Run containers in the background"},
    OptionSpec{0, "exit-code-from", Kind::text, "string",
               "Return the exit code of the selected service container. "
               "Implies --abort-on-container-exit"},
    OptionSpec{0, "force-recreate", Kind::flag, "",
               "Recreate containers even if their configuration and image "
               "haven't changed"},
    OptionSpec{0, "no-attach", Kind::list, "stringArray",
               "Do not attach (stream logs) to the specified services"},
    OptionSpec{0, "no-build", Kind::flag, "",
               "Don't build an image, even if it's policy"},
    OptionSpec{0, "no-color", Kind::flag, "", "Produce monochrome output"},
    OptionSpec{0, "no-deps", Kind::flag, "", "Don't start linked services"},
    OptionSpec{0, "no-log-prefix", Kind::flag, "",
               "Don't print prefix in logs"},
    OptionSpec{0, "no-recreate", Kind::flag, "",
               "If containers already exist, don't recreate them"},
    OptionSpec{0, "no-start", Kind::flag, "",
               "Don't start the services after creating them"},
    OptionSpec{0, "pull", Kind::text, "string",
               "Pull image before running (\"always\"|\"missing\"|\"never\")"},
    OptionSpec{0, "quiet-pull", Kind::flag, "",
               "Pull without printing progress information"},
    OptionSpec{
        0, "remove-orphans", Kind::flag, "",
        "Remove containers for services not defined in the Compose file"},
    OptionSpec{'V', "renew-anon-volumes", Kind::flag, "",
               "Recreate anonymous volumes instead of retrieving data from the "
               "previous containers"},
    OptionSpec{0, "scale", Kind::list, "stringArray",
               "Scale SERVICE to NUM instances. Overrides the scale setting in "
               "the Compose file"},
    OptionSpec{'t', "timeout", Kind::integer, "int",
               "Use this timeout in seconds for container shutdown"},
    OptionSpec{0, "timestamps", Kind::flag, "", "Show timestamps"},
    OptionSpec{
        0, "wait", Kind::flag, "",
        "Wait for services to be running|healthy. Implies detached mode"},
    OptionSpec{0, "wait-timeout", Kind::integer, "int",
               "Maximum duration in seconds to wait for the project to be "
               "running|healthy"},
    OptionSpec{'y', "yes", Kind::flag, "",
               "Assume \"yes\" as answer to all prompts"},
};

inline constexpr std::array of_down = {
    OptionSpec{
        0, "remove-orphans", Kind::flag, "",
        "Remove containers for services not defined in the Compose file"},
    OptionSpec{0, "rmi", Kind::text, "string",
               "Remove images used by services. \"local\" remove only images "
               "that don't have a custom tag (\"local\"|\"all\")"},
    OptionSpec{'t', "timeout", Kind::integer, "int",
               "Specify a shutdown timeout in seconds"},
    OptionSpec{'v', "volumes", Kind::flag, "",
               "Remove named volumes declared in the \"volumes\" section of "
               "the Compose file and anonymous volumes attached to containers"},
};

inline constexpr std::array of_create = {
    OptionSpec{0, "always-recreate-deps", Kind::flag, "",
               "Recreate dependent containers"},
    OptionSpec{0, "build", Kind::flag, "",
               "Build images before starting containers"},
    OptionSpec{0, "force-recreate", Kind::flag, "",
               "Recreate containers even if their configuration and image "
               "haven't changed"},
    OptionSpec{0, "no-build", Kind::flag, "",
               "Don't build an image, even if it's policy"},
    OptionSpec{0, "no-recreate", Kind::flag, "",
               "If containers already exist, don't recreate them"},
    OptionSpec{0, "pull", Kind::text, "string",
               "Pull image before running (\"always\"|\"missing\"|\"never\")"},
    OptionSpec{0, "quiet-pull", Kind::flag, "",
               "Pull without printing progress information"},
    OptionSpec{
        0, "remove-orphans", Kind::flag, "",
        "Remove containers for services not defined in the Compose file"},
    OptionSpec{0, "scale", Kind::list, "stringArray",
               "Scale SERVICE to NUM instances. Overrides the scale setting in "
               "the Compose file"},
    OptionSpec{'y', "yes", Kind::flag, "",
               "Assume \"yes\" as answer to all prompts"},
};

inline constexpr std::array of_scale = {
    OptionSpec{0, "no-deps", Kind::flag, "", "Don't start linked services"},
};

inline constexpr std::array of_stop = {
    OptionSpec{'t', "timeout", Kind::integer, "int",
               "Specify a shutdown timeout in seconds"},
};

inline constexpr std::array of_restart = {
    OptionSpec{0, "no-deps", Kind::flag, "",
               "Don't restart dependent services"},
    OptionSpec{'t', "timeout", Kind::integer, "int",
               "Specify a shutdown timeout in seconds"},
};

}  // namespace docker_cpp::cli::tables::compose_options
