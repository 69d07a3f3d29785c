// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include "docker_cpp/cli/option_spec.hpp"

namespace docker_cpp::cli::tables {

inline constexpr std::array logs_options = {
    OptionSpec{0, "clear", Kind::flag, "",
               "Forget what the container has printed so far"},
    OptionSpec{0, "details", Kind::flag, "",
               "Show extra details provided to logs"},
    OptionSpec{'f', "follow", Kind::flag, "", "Follow log output"},
    OptionSpec{0, "since", Kind::text, "string",
               "Show logs since timestamp (e.g. \"2013-01-02T13:23:37Z\") or "
               "relative (e.g. \"42m\" for 42 minutes)"},
    OptionSpec{
        'n', "tail", Kind::text, "string",
        "Number of lines to show from the end of the logs (default \"all\")"},
    OptionSpec{'t', "timestamps", Kind::flag, "", "Show timestamps"},
    OptionSpec{0, "until", Kind::text, "string",
               "Show logs before a timestamp (e.g. \"2013-01-02T13:23:37Z\") "
               "or relative (e.g. \"42m\" for 42 minutes)"},
};

}  // namespace docker_cpp::cli::tables
