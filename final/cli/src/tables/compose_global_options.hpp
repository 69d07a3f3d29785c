// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include "docker_cpp/cli/option_spec.hpp"

namespace docker_cpp::cli::tables {

/// Between `compose` and its command.
inline constexpr std::array compose_global_options = {
    OptionSpec{0, "ansi", Kind::text, "string",
               "Control when to print ANSI control characters "
               "(\"never\"|\"always\"|\"auto\") (default \"auto\")"},
    OptionSpec{0, "compatibility", Kind::flag, "", ""},
    OptionSpec{0, "env-file", Kind::list, "stringArray",
               "Specify an alternate environment file"},
    OptionSpec{'f', "file", Kind::list, "stringArray",
               "Compose configuration files"},
    OptionSpec{0, "parallel", Kind::integer, "int", ""},
    OptionSpec{0, "profile", Kind::list, "stringArray",
               "Specify a profile to enable"},
    OptionSpec{0, "progress", Kind::text, "string",
               "Set type of progress output (auto, tty, plain, quiet)"},
    OptionSpec{0, "project-directory", Kind::text, "string",
               "Specify an alternate working directory (default: the path of "
               "the, first specified, Compose file)"},
    OptionSpec{'p', "project-name", Kind::text, "string", "Project name"},
    OptionSpec{0, "verbose", Kind::flag, "", ""},
};

}  // namespace docker_cpp::cli::tables
