// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "exercise.hpp"

std::optional<std::string> clean_name(std::string_view name) {
  if (name.find('\0') != std::string_view::npos) {
    return std::nullopt;
  }
  std::string clean;
  while (!name.empty()) {
    const std::size_t slash = std::min(name.find('/'), name.size());
    const std::string_view part = name.substr(0, slash);
    name.remove_prefix(std::min(slash + 1, name.size()));
    if (part == "..") {
      return std::nullopt;
    }
    if (!part.empty() && part != ".") {
      clean += clean.empty() ? "" : "/";
      clean += part;
    }
  }
  return clean;
}
