// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include "docker_cpp/cli/option_spec.hpp"

namespace docker_cpp::cli::tables {

inline constexpr std::array history_options = {
    OptionSpec{0, "format", Kind::text, "string",
               "Format output using a custom template:\n'table':            "
               "Print output in table format with column headers "
               "(default)\n'table TEMPLATE':   Print output in table format "
               "using the given Go template\n'json':             Print in JSON "
               "format\n'TEMPLATE':         Print output using the given Go "
               "template.\nRefer to https://docs.docker.com/go/formatting/ for "
               "more information about formatting output with templates"},
    OptionSpec{'H', "human", Kind::flag, "",
               "Print sizes and dates in human readable format (default true)"},
    OptionSpec{0, "no-trunc", Kind::flag, "", "Don't truncate output"},
    OptionSpec{0, "platform", Kind::text, "string",
               "Show history for the given platform. Formatted as "
               "\"os[/arch[/variant]]\" (e.g., \"linux/amd64\")"},
    OptionSpec{'q', "quiet", Kind::flag, "", "Only show image IDs"},
};

}  // namespace docker_cpp::cli::tables
