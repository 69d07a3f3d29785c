// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "entry_attributes.hpp"
#include "tar_reader.hpp"

#include "docker_cpp/rootfs/root_fd.hpp"
#include "docker_cpp/sys/unique_fd.hpp"

namespace docker_cpp::images {

/// A name of an archive, cleaned: `parent` may go through symbolic links,
/// `leaf` is a single component. Both empty: the root of the layer.
struct EntryPath {
  std::string parent;
  std::string leaf;
};

/// Drops empty and `.` components, resolves `..` by text.
/// \throws ImageError when the name leads outside
[[nodiscard]] EntryPath clean_entry_name(std::string_view name);

/// Unpacks the changes of one layer into an empty folder, in the form that
/// overlayfs stacks: a whiteout becomes a 0:0 device; opaque folders are
/// listed, since only the daemon may mark them. Or, as `cp` does, any archive
/// into a tree that is there and may be in use.
///
/// Names come from a stranger. The kernel confines them: every parent is
/// opened through RootFd, every last component is acted on by *at() calls
/// that do not follow it.
/// \oci{image,layer,applying-changesets}
class LayerApply {
 public:
  /// `files`: no layer, and names of whiteouts mean nothing.
  enum class Position : std::uint8_t { lowest, upper, files };
  /// What happens where a folder and something else have the same name.
  enum class Clash : std::uint8_t { replace, refuse };
  struct Rules {
    OwnerRule owner;
    Clash clash = Clash::replace;
    std::string base;   ///< the folder in the root that all names are below
    std::string top{};  ///< replaces the first component of all names
  };

  LayerApply(rootfs::RootFd root, Position position)
      : LayerApply(std::move(root), position, Rules()) {}
  LayerApply(rootfs::RootFd root, Position position, Rules rules);

  /// \throws ImageError for what is wrong in the archive, Error when the
  ///   machine refuses; both name the entry
  void apply(TarReader& tar);

  [[nodiscard]] std::int64_t size() const { return size_; }
  [[nodiscard]] std::int64_t files() const { return files_; }
  /// Paths below the root, as opening them in the root finds the folder.
  [[nodiscard]] const std::vector<std::string>& opaque() const {
    return opaque_;
  }

 private:
  void place(TarReader& tar, const TarEntry& entry);
  void place_root(const TarEntry& entry);
  [[nodiscard]] EntryPath path_of(std::string_view name) const;
  void white_out(const EntryPath& path, std::string_view marker);
  void clear_way(int parent, const EntryPath& path, const TarEntry& entry);
  void check_clash(bool was_folder, bool becomes_folder) const;

  void make_file(TarReader& tar, int parent, const std::string& leaf,
                 const TarEntry& entry);
  void make_folder(int parent, const EntryPath& path, const TarEntry& entry);
  void make_hard_link(int parent, const EntryPath& path, const TarEntry& entry);
  void make_symbolic_link(int parent, const std::string& leaf,
                          const TarEntry& entry);
  void make_special(int parent, const std::string& leaf, const TarEntry& entry);

  int open_parent(const std::string& parent);
  void set_folder_times();

  rootfs::RootFd root_;
  Position position_;
  Rules rules_;
  std::string current_;  ///< name of the entry at hand, for messages
  std::string cached_path_;
  sys::UniqueFd cached_;
  std::map<std::string, timespec> folder_times_;
  std::vector<std::string> opaque_;
  std::int64_t size_ = 0;
  std::int64_t files_ = 0;
};

}  // namespace docker_cpp::images
