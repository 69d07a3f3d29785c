// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "docker_cpp/sys/unique_fd.hpp"

namespace docker_cpp::images {

/// Where the worker finds its handles.
inline constexpr int worker_input = 0;
inline constexpr int worker_report = 1;
inline constexpr int worker_staging = 3;
inline constexpr int worker_blobs = 4;
inline constexpr int worker_output = 3;  ///< of those that have no staging
inline constexpr int worker_first_tree = 4;

struct WorkerRun {
  std::string program;            ///< path of docker-cpp-worker
  std::vector<std::string> args;  ///< after the program's own name
  int input = -1;                 ///< -1: /dev/null
  int staging = -1;               ///< or the output; -1: none
  std::vector<int> trees{};       ///< from worker_first_tree on
  /// Takes a line as it comes; those it returns false for are the report.
  std::function<bool(std::string_view)> on_line{};
  int cancel = -1;  ///< readable: the work is not wanted any more
  /// Lives as long as the worker: what must not go away meanwhile.
  std::shared_ptr<const void> keeps{};
};

/// A worker at its work, with exactly these handles and standard error, and
/// nothing else of ours. It is killed when this object goes before finish().
class WorkerProcess {
 public:
  /// \throws Error when it cannot be run
  explicit WorkerProcess(const WorkerRun& run);
  ~WorkerProcess();
  WorkerProcess(const WorkerProcess&) = delete;
  WorkerProcess& operator=(const WorkerProcess&) = delete;

  /// The next line of its report; empty at the end.
  [[nodiscard]] std::string line();
  /// Waits for its end. \returns the rest of its report
  /// \throws ImageError when it died without a word
  [[nodiscard]] std::string finish();
  /// The same, handing on lines and listening for a cancellation meanwhile.
  [[nodiscard]] std::string finish(const WorkerRun& run);

 private:
  [[nodiscard]] std::string ended(std::string report);
  std::shared_ptr<const void> keeps_;
  sys::UniqueFd pidfd_;
  sys::UniqueFd report_;
};

/// Runs the worker to its end with exactly these handles and standard error,
/// nothing else of ours, and returns what it reported.
/// \throws Error when it cannot be run; ImageError when it died in its work
[[nodiscard]] std::string run_worker(const WorkerRun& run);

}  // namespace docker_cpp::images
