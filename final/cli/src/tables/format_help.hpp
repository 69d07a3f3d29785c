// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace docker_cpp::cli::tables {

/// What --format says of lists, and of single objects.
inline constexpr std::string_view list_format_help =
    "Format output using a custom template:\n'table':            Print output "
    "in table format with column headers (default)\n'table TEMPLATE':   Print "
    "output in table format using the given Go template\n'json':             "
    "Print in JSON format\n'TEMPLATE':         Print output using the given Go "
    "template.\nRefer to https://docs.docker.com/go/formatting/ for more "
    "information about formatting output with templates";
inline constexpr std::string_view object_format_help =
    "Format output using a custom template:\n'json':             Print in "
    "JSON format\n'TEMPLATE':         Print output using the given Go "
    "template.\nRefer to https://docs.docker.com/go/formatting/ for more "
    "information about formatting output with templates";

}  // namespace docker_cpp::cli::tables
