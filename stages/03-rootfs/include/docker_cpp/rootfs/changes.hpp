// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "docker_cpp/rootfs/root_fd.hpp"

namespace docker_cpp::rootfs {

/// What an overlay's upper directory says of one path.
struct Change {
  enum class Kind : std::uint8_t {
    modified,
    added,
    deleted
  };  // Docker's 0 1 2
  Kind kind;
  std::string path;  ///< "/etc/hosts"

  friend bool operator==(const Change&, const Change&) = default;
};

/// The difference between `lower`, the layers mounted together, and what
/// `upper` lays over them, sorted by path. A folder that is only there because
/// something in it changed is reported when its own attributes changed, or
/// when something came into it or went. Wants CAP_SYS_ADMIN.
/// \man{overlayfs} \throws Error
[[nodiscard]] std::vector<Change> overlay_changes(const RootFd& upper,
                                                  const RootFd& lower);

/// What several writable layers, one over the other, changed in the end: each
/// of `steps` is what one of them changed, `merged` is all of them over
/// `lower`. Sorted by path. \throws Error
[[nodiscard]] std::vector<Change> net_changes(
    const std::vector<std::vector<Change>>& steps, const RootFd& merged,
    const RootFd& lower);

/// Bytes of the regular files below, each inode once.
[[nodiscard]] std::int64_t tree_size(const RootFd& tree);

}  // namespace docker_cpp::rootfs
