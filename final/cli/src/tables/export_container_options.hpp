// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include "docker_cpp/cli/option_spec.hpp"

namespace docker_cpp::cli::tables {

inline constexpr std::array export_container_options = {
    OptionSpec{'o', "output", Kind::text, "string",
               "Write to a file, instead of STDOUT"},
};

}  // namespace docker_cpp::cli::tables
