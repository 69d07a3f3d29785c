// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include "docker_cpp/cli/option_spec.hpp"

namespace docker_cpp::cli::tables {

inline constexpr std::array commit_options = {
    OptionSpec{'a', "author", Kind::text, "string",
               "Author (e.g., \"John Hannibal Smith <hannibal@a-team.com>\")"},
    OptionSpec{'c', "change", Kind::list, "list",
               "Apply Dockerfile instruction to the created image"},
    OptionSpec{'m', "message", Kind::text, "string", "Commit message"},
    OptionSpec{'p', "pause", Kind::flag, "",
               "Pause container during commit (default true)"},
};

}  // namespace docker_cpp::cli::tables
