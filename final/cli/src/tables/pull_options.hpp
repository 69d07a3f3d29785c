// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include "docker_cpp/cli/option_spec.hpp"

namespace docker_cpp::cli::tables {

inline constexpr std::array pull_options = {
    OptionSpec{'a', "all-tags", Kind::flag, "",
               "Download all tagged images in the repository"},
    OptionSpec{0, "disable-content-trust", Kind::flag, "",
               "Skip image verification (default true)"},
    OptionSpec{0, "platform", Kind::text, "string",
               "Set platform if server is multi-platform capable"},
    OptionSpec{'q', "quiet", Kind::flag, "", "Suppress verbose output"},
};

}  // namespace docker_cpp::cli::tables
