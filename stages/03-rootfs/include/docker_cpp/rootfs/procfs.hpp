// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <utility>

#include "docker_cpp/sys/result.hpp"
#include "docker_cpp/sys/unique_fd.hpp"

namespace docker_cpp::rootfs {

/// The kernel's /proc, and certainly not something that covers it.
///
/// What the engine writes there (labels, sysctls, id maps, oom scores) has
/// been redirected before, by a container that mounted its own files over
/// /proc (CVE-2019-16884, CVE-2023-27561, CVE-2025-52881). Legal in the child.
class Procfs {
 public:
  /// The host's /proc: its type and its root inode are checked. Open it before
  /// the root file system changes; the handle stays good afterwards, and
  /// `self` and `sys` in it are those of whoever uses it.
  [[nodiscard]] static sys::Result<Procfs> open() noexcept;

  /// A file below /proc, such as "self/attr/exec" or "sys/net/ipv4/ip_forward";
  /// neither another mount nor a link that jumps is crossed.
  [[nodiscard]] sys::Result<sys::UniqueFd> open_file(const char* path,
                                                     int flags) const noexcept;

  /// One write, as these files want it.
  [[nodiscard]] sys::Result<void> write(
      const char* path, std::span<const char> text) const noexcept;

  [[nodiscard]] int get() const noexcept { return handle_.get(); }

 private:
  explicit Procfs(sys::UniqueFd handle) noexcept : handle_(std::move(handle)) {}
  sys::UniqueFd handle_;
};

}  // namespace docker_cpp::rootfs
