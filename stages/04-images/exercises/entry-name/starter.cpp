// SPDX-License-Identifier: Apache-2.0
#include "exercise.hpp"

std::optional<std::string> clean_name(std::string_view name) {
  if (name.starts_with("../")) {
    return std::nullopt;
  }
  return std::string(name);
}
