// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "docker_cpp/cgroups/control_directory.hpp"
#include "docker_cpp/cgroups/hierarchies.hpp"

/// Cgroups as folders of folders.
namespace docker_cpp::cgroups {

/// \throws Error unless the path is absolute, below the root, and plain
void check_path(const std::string& path);

/// \throws Error when it does not exist
[[nodiscard]] ControlDirectory open_directory(const Hierarchy& hierarchy,
                                              const std::string& path);

struct Made {
  ControlDirectory directory;
  bool fresh;  ///< was not there before
};

/// Makes what is missing of the path, ready for processes: cpuset filled in
/// (v1), controllers handed down (v2).
[[nodiscard]] Made make_directory(const Hierarchy& hierarchy,
                                  const std::string& path);

/// The processes in a folder and in those below it are appended.
void collect_processes(const ControlDirectory& directory,
                       std::vector<pid_t>& into);

/// Removes `path` in one hierarchy, and what is below it. Waits up to a
/// second for processes that are ending. \throws Error
void remove_directory(const Hierarchy& hierarchy, const std::string& path);

}  // namespace docker_cpp::cgroups
