// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include "docker_cpp/cli/option_spec.hpp"

namespace docker_cpp::cli::tables {

inline constexpr std::array images_options = {
    OptionSpec{'a', "all", Kind::flag, "",
               "Show all images (default hides intermediate images)"},
    OptionSpec{0, "digests", Kind::flag, "", "Show digests"},
    OptionSpec{'f', "filter", Kind::filter, "filter",
               "Filter output based on conditions provided"},
    OptionSpec{0, "format", Kind::text, "string",
               "Format output using a custom template:\n'table':            "
               "Print output in table format with column headers "
               "(default)\n'table TEMPLATE':   Print output in table format "
               "using the given Go template\n'json':             Print in JSON "
               "format\n'TEMPLATE':         Print output using the given Go "
               "template.\nRefer to https://docs.docker.com/go/formatting/ for "
               "more information about formatting output with templates"},
    OptionSpec{0, "no-trunc", Kind::flag, "", "Don't truncate output"},
    OptionSpec{'q', "quiet", Kind::flag, "", "Only show image IDs"},
    OptionSpec{0, "tree", Kind::flag, "",
               "List multi-platform images as a tree (EXPERIMENTAL)"},
};

}  // namespace docker_cpp::cli::tables
