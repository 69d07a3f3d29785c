// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include "docker_cpp/cli/option_spec.hpp"

namespace docker_cpp::cli::tables {

inline constexpr std::array load_options = {
    OptionSpec{'i', "input", Kind::text, "string",
               "Read from tar archive file, instead of STDIN"},
    OptionSpec{0, "platform", Kind::text, "string",
               "Load only the given platform variant. Formatted as "
               "\"os[/arch[/variant]]\" (e.g., \"linux/amd64\")"},
    OptionSpec{'q', "quiet", Kind::flag, "", "Suppress the load output"},
};

}  // namespace docker_cpp::cli::tables
