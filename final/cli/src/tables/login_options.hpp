// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include "docker_cpp/cli/option_spec.hpp"

namespace docker_cpp::cli::tables {

inline constexpr std::array login_options = {
    OptionSpec{'p', "password", Kind::text, "string",
               "Password or Personal Access Token (PAT)"},
    OptionSpec{0, "password-stdin", Kind::flag, "",
               "Take the Password or Personal Access Token (PAT) from stdin"},
    OptionSpec{'u', "username", Kind::text, "string", "Username"},
};

inline constexpr std::array search_options = {
    OptionSpec{'f', "filter", Kind::filter, "filter",
               "Filter output based on conditions provided"},
    OptionSpec{0, "format", Kind::text, "string",
               "Pretty-print search using a Go template"},
    OptionSpec{0, "limit", Kind::integer, "int",
               "Max number of search results"},
    OptionSpec{0, "no-trunc", Kind::flag, "", "Don't truncate output"},
};

inline constexpr std::array system_check_options = {
    OptionSpec{0, "repair", Kind::flag, "",
               "Take away what is damaged, to be pulled again"},
};

inline constexpr std::array manifest_inspect_options = {
    OptionSpec{0, "insecure", Kind::flag, "",
               "Allow communication with an insecure registry"},
    OptionSpec{'v', "verbose", Kind::flag, "",
               "Output additional info including layers and platform"},
};

inline constexpr std::array manifest_ls_options = {
    OptionSpec{0, "artifact-type", Kind::text, "string",
               "Only referrers of this type"},
    OptionSpec{0, "format", Kind::text, "string", "\"json\", or a listing"},
    OptionSpec{0, "insecure", Kind::flag, "",
               "Allow communication with an insecure registry"},
};

inline constexpr std::array manifest_create_options = {
    OptionSpec{'a', "amend", Kind::flag, "", "Amend an existing manifest list"},
    OptionSpec{0, "insecure", Kind::flag, "",
               "Allow communication with an insecure registry"},
};

inline constexpr std::array manifest_annotate_options = {
    OptionSpec{0, "arch", Kind::text, "string", "Set architecture"},
    OptionSpec{0, "os", Kind::text, "string", "Set operating system"},
    OptionSpec{0, "os-features", Kind::list, "strings",
               "Set operating system feature"},
    OptionSpec{0, "os-version", Kind::text, "string",
               "Set operating system version"},
    OptionSpec{0, "variant", Kind::text, "string", "Set architecture variant"},
};

inline constexpr std::array manifest_push_options = {
    OptionSpec{0, "insecure", Kind::flag, "",
               "Allow push to an insecure registry"},
    OptionSpec{'p', "purge", Kind::flag, "",
               "Remove the local manifest list after push"},
};

}  // namespace docker_cpp::cli::tables
