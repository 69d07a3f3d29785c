// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include "docker_cpp/cli/option_spec.hpp"

namespace docker_cpp::cli::tables {

inline constexpr std::array attach_options = {
    OptionSpec{0, "detach-keys", Kind::text, "string",
               "Override the key sequence for detaching a container"},
    OptionSpec{0, "no-stdin", Kind::flag, "", "Do not attach STDIN"},
    OptionSpec{0, "sig-proxy", Kind::flag, "",
               "Proxy all received signals to the process (default true)"},
};

}  // namespace docker_cpp::cli::tables
