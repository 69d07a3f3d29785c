// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include "docker_cpp/cli/option_spec.hpp"

namespace docker_cpp::cli::tables {

inline constexpr std::array image_inspect_options = {
    OptionSpec{
        'f', "format", Kind::text, "string",
        "Format output using a custom template:\n'json':             Print in "
        "JSON format\n'TEMPLATE':         Print output using the given Go "
        "template.\nRefer to https://docs.docker.com/go/formatting/ for more "
        "information about formatting output with templates"},
    OptionSpec{
        0, "platform", Kind::text, "string",
        "Inspect a specific platform of the multi-platform image.\nIf the "
        "image or the server is not multi-platform capable, the command will "
        "error out if the platform does not match.\n'os[/arch[/variant]]': "
        "Explicit platform (eg. linux/amd64)"},
};

}  // namespace docker_cpp::cli::tables
