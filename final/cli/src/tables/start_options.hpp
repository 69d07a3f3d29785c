// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include "docker_cpp/cli/option_spec.hpp"

namespace docker_cpp::cli::tables {

inline constexpr std::array start_options = {
    OptionSpec{'a', "attach", Kind::flag, "",
               "Attach STDOUT/STDERR and forward signals"},
    OptionSpec{0, "checkpoint", Kind::text, "", ""},
    OptionSpec{0, "checkpoint-dir", Kind::text, "", ""},
    OptionSpec{0, "detach-keys", Kind::text, "string",
               "Override the key sequence for detaching a container"},
    OptionSpec{'i', "interactive", Kind::flag, "", "Attach container's STDIN"},
};

}  // namespace docker_cpp::cli::tables
