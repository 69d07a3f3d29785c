// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "docker_cpp/sys/unique_fd.hpp"

namespace docker_cpp::cli {

/// docker-cpp-worker, which reads and writes archives so that this program,
/// which has all the user's rights, need not. It is killed when this goes.
class WorkerRun {
 public:
  struct Plan {
    std::vector<std::string> arguments;
    int tree = -1;    ///< the folder to work in
    int input = -1;   ///< the archive it reads
    int output = -1;  ///< the archive it writes
  };

  /// \throws Failure
  explicit WorkerRun(const Plan& plan);
  ~WorkerRun();
  WorkerRun(const WorkerRun&) = delete;
  WorkerRun& operator=(const WorkerRun&) = delete;

  /// Waits for its end. \throws Failure with what it found wrong
  void finish();

 private:
  int pid_ = -1;
  sys::UniqueFd report_;
};

}  // namespace docker_cpp::cli
