// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include "docker_cpp/cli/option_spec.hpp"

namespace docker_cpp::cli::tables {

inline constexpr std::array system_prune_options = {
    OptionSpec{'a', "all", Kind::flag, "",
               "Remove all unused images not just dangling ones"},
    OptionSpec{0, "filter", Kind::filter, "filter",
               "Provide filter values (e.g. \"label=<key>=<value>\")"},
    OptionSpec{'f', "force", Kind::flag, "", "Do not prompt for confirmation"},
    OptionSpec{0, "volumes", Kind::flag, "", "Prune anonymous volumes"},
};

}  // namespace docker_cpp::cli::tables
