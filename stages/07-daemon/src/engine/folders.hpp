// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "docker_cpp/sys/unique_fd.hpp"

/// The engine's own folders, below its data root and its exec root. Never a
/// path of a container's: those are handles (docker_cpp::rootfs::RootFd).
namespace docker_cpp::daemon {

struct Folders {
  std::string data_root;
  std::string exec_root;

  [[nodiscard]] std::string containers() const {
    return data_root + "/containers";
  }
  [[nodiscard]] std::string container(const std::string& id) const {
    return containers() + "/" + id;
  }
  [[nodiscard]] std::string snapshots() const {
    return data_root + "/snapshots";
  }
  [[nodiscard]] std::string volumes() const { return data_root + "/volumes"; }
  [[nodiscard]] std::string running() const {
    return exec_root + "/containers";
  }
  [[nodiscard]] std::string run(const std::string& id) const {
    return running() + "/" + id;
  }
  [[nodiscard]] std::string exec(const std::string& id,
                                 const std::string& exec_id) const {
    return run(id) + "/exec-" + exec_id.substr(0, 16);
  }
};

/// Makes a folder; one that exists is fine. \throws Error naming it
void make_folder(const std::string& path, unsigned mode);

/// Opens one of the engine's own folders. \throws Error
[[nodiscard]] sys::UniqueFd open_folder(const std::string& path);

/// Replaces a file's content, in place: its inode is mounted in containers.
/// \throws Error
void write_file(const std::string& path, std::string_view content,
                unsigned mode = 0644);

/// Removes a folder of the engine's own and all that is in it, by handles:
/// below `fs` are trees that containers wrote. \throws Error
void remove_folder(const std::string& path);

/// Without `.` and `..`; of a folder that is not there, none.
[[nodiscard]] std::vector<std::string> names_in(const std::string& folder);

/// 64 hex digits.
[[nodiscard]] bool is_id(std::string_view name);

}  // namespace docker_cpp::daemon
