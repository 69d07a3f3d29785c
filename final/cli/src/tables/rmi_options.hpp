// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include "docker_cpp/cli/option_spec.hpp"

namespace docker_cpp::cli::tables {

inline constexpr std::array rmi_options = {
    OptionSpec{'f', "force", Kind::flag, "", "Force removal of the image"},
    OptionSpec{0, "no-prune", Kind::flag, "", "Do not delete untagged parents"},
    OptionSpec{0, "platform", Kind::csv, "strings",
               "Remove only the given platform variant. Formatted as "
               "\"os[/arch[/variant]]\" (e.g., \"linux/amd64\")"},
};

}  // namespace docker_cpp::cli::tables
