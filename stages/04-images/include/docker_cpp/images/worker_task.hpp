// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace docker_cpp::images {

class WorkerProcess;

/// A worker that writes an archive or reads one, on its own while the caller
/// moves the bytes. It is killed when this object goes.
class WorkerTask {
 public:
  explicit WorkerTask(std::unique_ptr<WorkerProcess> process);
  ~WorkerTask();
  WorkerTask(WorkerTask&&) noexcept;
  WorkerTask& operator=(WorkerTask&&) noexcept;

  /// The first thing it says (JSON), before it works; see TreeRun.
  [[nodiscard]] std::string first_line();
  /// Waits for its end and returns the last thing it says.
  /// \throws ImageError, Error
  std::string finish();

 private:
  std::unique_ptr<WorkerProcess> process_;
};

/// Files into or out of a tree: what a worker of `pack`, `unpack` or `stat`
/// is given. Handles stay the caller's and may be closed once it runs.
///
/// `stat` and `pack` first say {"name", "size", "mode", "mtime",
/// "linkTarget"}; all end with {"type": "done"}, or {"type": "error", "kind":
/// "not_found", "not_a_directory", "read_only_root", "read_only_volume" or
/// none, "message"}.
struct TreeRun {
  struct Mount {
    std::string destination;
    int handle = -1;  ///< of a detached mount
  };

  std::string worker;             ///< path of docker-cpp-worker
  std::vector<std::string> args;  ///< "pack", "--path", "/etc"
  int tree = -1;
  std::vector<Mount> mounts{};  ///< outer ones first
  int input = -1;
  int output = -1;
};

[[nodiscard]] WorkerTask start_tree_worker(const TreeRun& run);

}  // namespace docker_cpp::images
