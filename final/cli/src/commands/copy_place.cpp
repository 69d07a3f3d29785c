// SPDX-License-Identifier: Apache-2.0
#include "commands/copy_place.hpp"

#include <tuple>

#include "docker_cpp/cli/failure.hpp"

namespace docker_cpp::cli {

CopyPlace parse_place(const std::string& word) {
  const auto colon = word.find(':');
  if (word.starts_with('/') || word.starts_with('.') ||
      colon == std::string::npos || colon == 0) {
    return {.container = {}, .path = word};
  }
  auto path = word.substr(colon + 1);
  return {.container = word.substr(0, colon),
          .path = path.empty() ? "/" : std::move(path)};
}

bool says_folder(std::string_view path) noexcept {
  return path.ends_with('/') || path.ends_with("/.") || path == ".";
}

std::pair<std::string, std::string> split_path(std::string_view path) {
  while (path.size() > 1 && path.ends_with('/')) {
    path.remove_suffix(1);
  }
  const auto slash = path.rfind('/');
  if (slash == std::string_view::npos) {
    return {".", std::string(path)};
  }
  return {std::string(path.substr(0, slash == 0 ? 1 : slash)),
          std::string(path.substr(slash + 1))};
}

CopyPlan plan_copy(const CopyPlace& source, const CopyPlace& target) {
  if (target.exists && target.folder) {
    return {.folder = target.path, .name = {}};
  }
  if (target.exists && source.folder) {
    throw Failure("cannot copy directory");
  }
  if (says_folder(target.path) && !source.folder) {
    throw Failure(target.exists ? "not a directory" : "no such directory");
  }
  auto [folder, name] = split_path(target.path);
  if (name == ".") {
    std::tie(folder, name) = split_path(folder);
  }
  return {.folder = std::move(folder), .name = std::move(name)};
}

}  // namespace docker_cpp::cli
