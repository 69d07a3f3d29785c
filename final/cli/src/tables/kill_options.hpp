// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include "docker_cpp/cli/option_spec.hpp"

namespace docker_cpp::cli::tables {

inline constexpr std::array kill_options = {
    OptionSpec{'s', "signal", Kind::text, "string",
               "Signal to send to the container"},
};

}  // namespace docker_cpp::cli::tables
