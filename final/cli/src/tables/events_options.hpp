// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include "docker_cpp/cli/option_spec.hpp"

namespace docker_cpp::cli::tables {

inline constexpr std::array events_options = {
    OptionSpec{'f', "filter", Kind::filter, "filter",
               "Filter output based on conditions provided"},
    OptionSpec{
        0, "format", Kind::text, "string",
        "Format output using a custom template:\n'json':             Print in "
        "JSON format\n'TEMPLATE':         Print output using the given Go "
        "template.\nRefer to https://docs.docker.com/go/formatting/ for more "
        "information about formatting output with templates"},
    OptionSpec{0, "since", Kind::text, "string",
               "Show all events created since timestamp"},
    OptionSpec{0, "until", Kind::text, "string",
               "Stream events until this timestamp"},
};

}  // namespace docker_cpp::cli::tables
