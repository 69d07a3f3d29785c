// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include "docker_cpp/cli/option_spec.hpp"

namespace docker_cpp::cli::tables {

inline constexpr std::array global_options = {
    OptionSpec{0, "config", Kind::text, "string",
               "Location of client config files (default \"~/.docker\")"},
    OptionSpec{'c', "context", Kind::text, "string",
               "Name of the context to use to connect to the daemon (overrides "
               "DOCKER_HOST env var)"},
    OptionSpec{'D', "debug", Kind::flag, "", "Enable debug mode"},
    OptionSpec{'H', "host", Kind::list, "list", "Daemon socket to connect to"},
    OptionSpec{'l', "log-level", Kind::text, "string",
               "Set the logging level (\"debug\", \"info\", \"warn\", "
               "\"error\", \"fatal\") (default \"info\")"},
    OptionSpec{0, "tls", Kind::flag, "", ""},
    OptionSpec{0, "tlscacert", Kind::text, "string", ""},
    OptionSpec{0, "tlscert", Kind::text, "string", ""},
    OptionSpec{0, "tlskey", Kind::text, "string", ""},
    OptionSpec{0, "tlsverify", Kind::flag, "", ""},
    OptionSpec{'v', "version", Kind::flag, "",
               "Print version information and quit"},
};

}  // namespace docker_cpp::cli::tables
