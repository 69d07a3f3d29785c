// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include "docker_cpp/cli/option_spec.hpp"

namespace docker_cpp::cli::tables {

inline constexpr std::array container_inspect_options = {
    OptionSpec{
        'f', "format", Kind::text, "string",
        "Format output using a custom template:\n'json':             Print in "
        "JSON format\n'TEMPLATE':         Print output using the given Go "
        "template.\nRefer to https://docs.docker.com/go/formatting/ for more "
        "information about formatting output with templates"},
    OptionSpec{'s', "size", Kind::flag, "", "Display total file sizes"},
};

}  // namespace docker_cpp::cli::tables
