// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>

namespace docker_cpp::cli {

/// Docker's commands that are left out on purpose: what to say instead.
/// \returns nothing when the words are none of them
[[nodiscard]] std::string refusal_of(std::span<const std::string> words);

}  // namespace docker_cpp::cli
