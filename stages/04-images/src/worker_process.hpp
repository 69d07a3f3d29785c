// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace docker_cpp::images {

/// Where the worker finds its handles.
inline constexpr int worker_input = 0;
inline constexpr int worker_report = 1;
inline constexpr int worker_staging = 3;
inline constexpr int worker_blobs = 4;

struct WorkerRun {
  std::string program;            ///< path of docker-cpp-worker
  std::vector<std::string> args;  ///< after the program's own name
  int input = -1;                 ///< -1: /dev/null
  int staging = -1;               ///< -1: none
  int blobs = -1;                 ///< the store's, to read; -1: none
  /// Takes a line as it comes; those it returns false for are the report.
  std::function<bool(std::string_view)> on_line{};
  int cancel = -1;  ///< readable: the work is not wanted any more
};

/// Runs the worker to its end with exactly these handles and standard error,
/// nothing else of ours, and returns what it reported.
/// \throws Error when it cannot be run; ImageError when it died in its work
[[nodiscard]] std::string run_worker(const WorkerRun& run);

}  // namespace docker_cpp::images
