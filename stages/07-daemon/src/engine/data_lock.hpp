// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "docker_cpp/sys/unique_fd.hpp"

namespace docker_cpp::daemon {

/// One daemon per folder: a lock that the kernel takes back with the process,
/// so that neither a stale file nor a reused pid can mislead.
class FolderLock {
 public:
  /// \throws Error naming the folder, and the daemon that has it
  explicit FolderLock(const std::string& folder);

 private:
  sys::UniqueFd file_;
};

/// The pid for those who look for it; goes with the object.
class PidFile {
 public:
  explicit PidFile(std::string path);
  ~PidFile();
  PidFile(const PidFile&) = delete;
  PidFile& operator=(const PidFile&) = delete;

 private:
  std::string path_;
};

}  // namespace docker_cpp::daemon
