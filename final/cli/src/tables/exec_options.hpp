// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include "docker_cpp/cli/option_spec.hpp"

namespace docker_cpp::cli::tables {

inline constexpr std::array exec_options = {
    OptionSpec{'d', "detach", Kind::flag, "",
               "Detached mode: run command in the background"},
    OptionSpec{0, "detach-keys", Kind::text, "string",
               "Override the key sequence for detaching a container"},
    OptionSpec{'e', "env", Kind::env, "list", "Set environment variables"},
    OptionSpec{0, "env-file", Kind::list, "list",
               "Read in a file of environment variables"},
    OptionSpec{'i', "interactive", Kind::flag, "",
               "Keep STDIN open even if not attached"},
    OptionSpec{0, "privileged", Kind::flag, "",
               "Give extended privileges to the command"},
    OptionSpec{'t', "tty", Kind::flag, "", "Allocate a pseudo-TTY"},
    OptionSpec{'u', "user", Kind::text, "string",
               "Username or UID (format: \"<name|uid>[:<group|gid>]\")"},
    OptionSpec{'w', "workdir", Kind::text, "string",
               "Working directory inside the container"},
};

}  // namespace docker_cpp::cli::tables
