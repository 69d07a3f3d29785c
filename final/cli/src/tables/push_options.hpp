// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include "docker_cpp/cli/option_spec.hpp"

namespace docker_cpp::cli::tables {

inline constexpr std::array push_options = {
    OptionSpec{'a', "all-tags", Kind::flag, "",
               "Push all tags of an image to the repository"},
    OptionSpec{0, "disable-content-trust", Kind::flag, "",
               "Skip image signing (default true)"},
    OptionSpec{
        0, "platform", Kind::text, "string",
        "Push a platform-specific manifest as a single-platform image to the "
        "registry.\nImage index won't be pushed, meaning that other manifests, "
        "including attestations won't be preserved.\n'os[/arch[/variant]]': "
        "Explicit platform (eg. linux/amd64)"},
    OptionSpec{'q', "quiet", Kind::flag, "", "Suppress verbose output"},
};

}  // namespace docker_cpp::cli::tables
