// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include "docker_cpp/cli/option_spec.hpp"

namespace docker_cpp::cli::tables {

inline constexpr std::array import_image_options = {
    OptionSpec{'c', "change", Kind::list, "list",
               "Apply Dockerfile instruction to the created image"},
    OptionSpec{'m', "message", Kind::text, "string",
               "Set commit message for imported image"},
    OptionSpec{0, "platform", Kind::text, "string",
               "Set platform if server is multi-platform capable"},
};

}  // namespace docker_cpp::cli::tables
