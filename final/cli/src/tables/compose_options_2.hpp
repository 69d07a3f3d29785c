// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include "docker_cpp/cli/option_spec.hpp"

namespace docker_cpp::cli::tables::compose_options {

inline constexpr std::array of_kill = {
    OptionSpec{
        0, "remove-orphans", Kind::flag, "",
        "Remove containers for services not defined in the Compose file"},
    OptionSpec{'s', "signal", Kind::text, "string",
               "SIGNAL to send to the container (default \"SIGKILL\")"},
};

inline constexpr std::array of_rm = {
    OptionSpec{'f', "force", Kind::flag, "", "Don't ask to confirm removal"},
    OptionSpec{'s', "stop", Kind::flag, "",
               "Stop the containers, if required, before removing"},
    OptionSpec{'v', "volumes", Kind::flag, "",
               "Remove any anonymous volumes attached to containers"},
};

inline constexpr std::array of_run = {
    OptionSpec{0, "build", Kind::flag, "",
               "Build image before starting container"},
    OptionSpec{0, "cap-add", Kind::list, "stringArray",
               "Add Linux capabilities"},
    OptionSpec{0, "cap-drop", Kind::list, "stringArray",
               "Drop Linux capabilities"},
    OptionSpec{'d', "detach", Kind::flag, "",
               "Run container in background and print container ID"},
    OptionSpec{0, "entrypoint", Kind::text, "string",
               "Override the entrypoint of the image"},
    OptionSpec{'e', "env", Kind::list, "stringArray",
               "Set environment variables"},
    OptionSpec{'i', "interactive", Kind::flag, "",
               "Keep STDIN open even if not attached (default true)"},
    OptionSpec{'l', "label", Kind::list, "stringArray",
               "Add or override a label"},
    OptionSpec{0, "name", Kind::text, "string",
               "Assign a name to the container"},
    OptionSpec{'T', "no-TTY", Kind::flag, "",
               "Disable pseudo-TTY allocation (default: auto-detected)"},
    OptionSpec{0, "no-deps", Kind::flag, "", "Don't start linked services"},
    OptionSpec{'p', "publish", Kind::list, "stringArray",
               "Publish a container's port(s) to the host"},
    OptionSpec{0, "pull", Kind::text, "string",
               "Pull image before running (\"always\"|\"missing\"|\"never\")"},
    OptionSpec{0, "quiet-pull", Kind::flag, "",
               "Pull without printing progress information"},
    OptionSpec{
        0, "remove-orphans", Kind::flag, "",
        "Remove containers for services not defined in the Compose file"},
    OptionSpec{0, "rm", Kind::flag, "",
               "Automatically remove the container when it exits"},
    OptionSpec{
        'P', "service-ports", Kind::flag, "",
        "Run command with all service's ports enabled and mapped to the host"},
    OptionSpec{0, "use-aliases", Kind::flag, "",
               "Use the service's network useAliases in the network(s) the "
               "container connects to"},
    OptionSpec{'u', "user", Kind::text, "string",
               "Run as specified username or uid"},
    OptionSpec{'v', "volume", Kind::list, "stringArray", "Bind mount a volume"},
    OptionSpec{'w', "workdir", Kind::text, "string",
               "Working directory inside the container"},
};

inline constexpr std::array of_exec = {
    OptionSpec{'d', "detach", Kind::flag, "",
               "Detached mode: Run command in the background"},
    OptionSpec{'e', "env", Kind::list, "stringArray",
               "Set environment variables"},
    OptionSpec{0, "index", Kind::integer, "int",
               "Index of the container if service has multiple replicas"},
    OptionSpec{'T', "no-TTY", Kind::flag, "",
               "Disable pseudo-TTY allocation (default: auto-detected)"},
    OptionSpec{0, "privileged", Kind::flag, "",
               "Give extended privileges to the process"},
    OptionSpec{'u', "user", Kind::text, "string",
               "Run the command as this user"},
    OptionSpec{'w', "workdir", Kind::text, "string",
               "Path to workdir directory for this command"},
};

inline constexpr std::array of_cp = {
    OptionSpec{'a', "archive", Kind::flag, "",
               "Archive mode (copy all uid/gid information)"},
    OptionSpec{'L', "follow-link", Kind::flag, "",
               "Always follow symbol link in SRC_PATH"},
    OptionSpec{0, "index", Kind::integer, "int",
               "Index of the container if service has multiple replicas"},
};

inline constexpr std::array of_build = {
    OptionSpec{0, "build-arg", Kind::list, "stringArray",
               "Set build-time variables for services"},
    OptionSpec{0, "no-cache", Kind::flag, "",
               "Do not use cache when building the image"},
    OptionSpec{0, "pull", Kind::flag, "",
               "Always attempt to pull a newer version of the image"},
    OptionSpec{'q', "quiet", Kind::flag, "", "Suppress the build output"},
    OptionSpec{0, "with-dependencies", Kind::flag, "",
               "Also build dependencies (transitively)"},
};

}  // namespace docker_cpp::cli::tables::compose_options
