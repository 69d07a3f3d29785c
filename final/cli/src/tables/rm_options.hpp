// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include "docker_cpp/cli/option_spec.hpp"

namespace docker_cpp::cli::tables {

inline constexpr std::array rm_options = {
    OptionSpec{'f', "force", Kind::flag, "",
               "Force the removal of a running container (uses SIGKILL)"},
    OptionSpec{'l', "link", Kind::flag, "", "Remove the specified link"},
    OptionSpec{'v', "volumes", Kind::flag, "",
               "Remove anonymous volumes associated with the container"},
};

}  // namespace docker_cpp::cli::tables
