// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include "docker_cpp/cli/option_spec.hpp"

namespace docker_cpp::cli::tables {

inline constexpr std::array save_options = {
    OptionSpec{'o', "output", Kind::text, "string",
               "Write to a file, instead of STDOUT"},
    OptionSpec{0, "platform", Kind::text, "string",
               "Save only the given platform variant. Formatted as "
               "\"os[/arch[/variant]]\" (e.g., \"linux/amd64\")"},
};

}  // namespace docker_cpp::cli::tables
