// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>

namespace docker_cpp::cli {

/// Docker's commands that are left out on purpose: what to say instead.
/// \returns nothing when the words are none of them
[[nodiscard]] std::string refusal_of(std::span<const std::string> words);

/// Why a flag of docker's is not here, given what is wrong with a command line
/// ("unknown flag: --squash"); empty if docker has no such flag either.
[[nodiscard]] std::string refusal_of_flag(std::string_view command,
                                          std::string_view wrong);

}  // namespace docker_cpp::cli
