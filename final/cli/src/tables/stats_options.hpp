// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include "tables/format_help.hpp"

#include "docker_cpp/cli/option_spec.hpp"

namespace docker_cpp::cli::tables {

inline constexpr std::array stats_options = {
    OptionSpec{'a', "all", Kind::flag, "",
               "Show all containers (default shows just running)"},
    OptionSpec{0, "format", Kind::text, "string", list_format_help},
    OptionSpec{0, "no-stream", Kind::flag, "",
               "Disable streaming stats and only pull the first result"},
    OptionSpec{0, "no-trunc", Kind::flag, "", "Do not truncate output"},
};

}  // namespace docker_cpp::cli::tables
