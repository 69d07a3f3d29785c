// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include "docker_cpp/cli/option_spec.hpp"

namespace docker_cpp::cli::tables {

inline constexpr std::array container_prune_options = {
    OptionSpec{0, "filter", Kind::filter, "filter",
               "Provide filter values (e.g. \"until=<timestamp>\")"},
    OptionSpec{'f', "force", Kind::flag, "", "Do not prompt for confirmation"},
};

}  // namespace docker_cpp::cli::tables
