// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <map>
#include <string>

namespace docker_cpp::testing {

/// The descriptors of a process and what each refers to, read from outside.
inline std::map<int, std::string> open_descriptors(pid_t pid) {
  std::map<int, std::string> all;
  const std::filesystem::path folder = "/proc/" + std::to_string(pid) + "/fd";
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    std::error_code gone;  // the process lives on meanwhile
    const auto target = std::filesystem::read_symlink(entry.path(), gone);
    if (!gone) {
      all[std::stoi(entry.path().filename().string())] = target.string();
    }
  }
  return all;
}

/// Those from `first` on, one per line; empty: nothing leaked into it.
inline std::string leaked_descriptors(pid_t pid, int first = 3) {
  std::string text;
  for (const auto& [number, target] : open_descriptors(pid)) {
    if (number >= first) {
      text += std::to_string(number) + " -> " + target + "\n";
    }
  }
  return text;
}

}  // namespace docker_cpp::testing
