// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include "docker_cpp/cli/option_spec.hpp"

namespace docker_cpp::cli::tables {

inline constexpr std::array cp_options = {
    OptionSpec{'a', "archive", Kind::flag, "",
               "Archive mode (copy all uid/gid information)"},
    OptionSpec{'L', "follow-link", Kind::flag, "",
               "Always follow symbol link in SRC_PATH"},
    OptionSpec{'q', "quiet", Kind::flag, "",
               "Suppress progress output during copy. Progress output is "
               "automatically suppressed if no terminal is attached"},
};

}  // namespace docker_cpp::cli::tables
