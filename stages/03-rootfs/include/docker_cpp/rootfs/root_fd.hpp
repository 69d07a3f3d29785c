// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/stat.h>
#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "docker_cpp/sys/result.hpp"
#include "docker_cpp/sys/unique_fd.hpp"

namespace docker_cpp::rootfs {

/// What to do when the last component of a path is a symbolic link.
enum class Links : std::uint8_t { follow, keep };

struct Owner {
  uid_t uid = 0;
  gid_t gid = 0;
};

// [root-fd]
/// A directory that its users cannot leave: the root of a container, a volume,
/// a layer. The only way by which the engine touches what is inside.
///
/// Every path is resolved by the kernel as if the directory were `/`: absolute
/// links and `..` stay inside, links of /proc that jump are refused
/// (\man{openat2,2} RESOLVE_IN_ROOT, RESOLVE_NO_MAGICLINKS). What is created,
/// removed or changed is named by the handle of its folder and one name, so
/// that it makes no difference what a container renames meanwhile.
///
/// Paths may begin with a slash. Errors are values; a path with a NUL, or one
/// that ends in `.` or `..` where a name is needed, is EINVAL. Thread safe.
class RootFd {
 public:
  /// Of a directory of the host, links followed.
  [[nodiscard]] static sys::Result<RootFd> of(const std::string& directory);

  explicit RootFd(sys::UniqueFd directory) noexcept
      : directory_(std::move(directory)) {}

  [[nodiscard]] int get() const noexcept { return directory_.get(); }

  /// As openat(2), with O_CLOEXEC added; links are followed inside the root.
  [[nodiscard]] sys::Result<sys::UniqueFd> open(const std::string& path,
                                                int flags,
                                                mode_t mode = 0) const;
  /// A regular file, opened for reading; anything else (a fifo that would
  /// block, a device) is EINVAL and is not opened.
  [[nodiscard]] sys::Result<sys::UniqueFd> open_regular(
      const std::string& path) const;
  [[nodiscard]] sys::Result<RootFd> sub_root(const std::string& path) const;
  // [root-fd]

  /// The folder that holds the last component, and that component.
  struct Entry {
    sys::UniqueFd folder;
    std::string name;
  };
  [[nodiscard]] sys::Result<Entry> entry(const std::string& path) const;

  /// The handle of a directory, made with its parents where missing. Links
  /// on the way are followed inside the root, even when they dangle.
  [[nodiscard]] sys::Result<sys::UniqueFd> make_directories(
      const std::string& path, mode_t mode = 0755, Owner owner = {}) const;
  /// The handle (O_PATH) of a file, made empty, with its parents, if missing.
  [[nodiscard]] sys::Result<sys::UniqueFd> make_file(const std::string& path,
                                                     mode_t mode = 0644) const;
  [[nodiscard]] sys::Result<void> make_directory(const std::string& path,
                                                 mode_t mode = 0755) const;
  [[nodiscard]] sys::Result<void> make_node(const std::string& path,
                                            mode_t mode, dev_t device) const;
  [[nodiscard]] sys::Result<void> symlink(const std::string& target,
                                          const std::string& path) const;
  /// Never follows a link at the end of `existing`.
  [[nodiscard]] sys::Result<void> hard_link(const std::string& existing,
                                            const std::string& path) const;
  [[nodiscard]] sys::Result<void> rename(const std::string& from,
                                         const std::string& to) const;

  [[nodiscard]] sys::Result<struct stat> stat(const std::string& path,
                                              Links links = Links::keep) const;
  [[nodiscard]] bool exists(const std::string& path) const;
  [[nodiscard]] sys::Result<std::string> read_link(
      const std::string& path) const;
  /// Names, without `.` and `..`, in no order.
  [[nodiscard]] sys::Result<std::vector<std::string>> list(
      const std::string& path) const;
  /// A regular file's content; EFBIG beyond `limit`.
  [[nodiscard]] sys::Result<std::string> read_file(
      const std::string& path, std::size_t limit = 1U << 20) const;
  /// Written beside and renamed: readers see the old or the new content.
  [[nodiscard]] sys::Result<void> write_file(const std::string& path,
                                             std::string_view content,
                                             mode_t mode = 0644) const;

  [[nodiscard]] sys::Result<void> set_owner(const std::string& path,
                                            Owner owner,
                                            Links links = Links::keep) const;
  [[nodiscard]] sys::Result<void> set_mode(const std::string& path,
                                           mode_t mode) const;

  /// A file, a link or an empty directory.
  [[nodiscard]] sys::Result<void> remove(const std::string& path) const;
  /// With all that is below, however deep; missing is fine. Does not cross
  /// into other mounts. "/" empties the root itself.
  [[nodiscard]] sys::Result<void> remove_tree(const std::string& path) const;

 private:
  sys::UniqueFd directory_;
};

}  // namespace docker_cpp::rootfs
