// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tar_writer.hpp"

#include "docker_cpp/sys/unique_fd.hpp"

struct statx;

namespace docker_cpp::images {

/// Writes a tree of files as an archive: by handles, following no link, each
/// folder's names sorted. Sockets are left out, as tar cannot hold them.
class TreePacker {
 public:
  enum class Form : std::uint8_t {
    plain,    ///< as it is; what the kernel invents (proc, sysfs) stays empty
    one,      ///< the same, other mounts stay empty: `docker export`
    changes,  ///< an overlay's upper directory as a layer, with whiteouts
  };

  TreePacker(TarWriter& tar, Form form) : tar_(tar), form_(form) {}

  /// For `changes`: folders (paths below the top) that hide what is below
  /// them; the attribute that says so belongs to CAP_SYS_ADMIN.
  void set_opaque(std::set<std::string> folders) {
    opaque_ = std::move(folders);
  }

  /// What `leaf` is in `folder`, as `name` in the archive. A name of "/" or
  /// "." is the top of the archive's names.
  void pack(int folder, const std::string& leaf, const std::string& name);
  /// What is in `folder`, without itself.
  void pack_content(int folder);

  /// Bytes of regular files so far.
  [[nodiscard]] std::int64_t size() const { return size_; }

 private:
  struct Item {
    int folder;
    std::string leaf;
    std::string name;
  };
  void pack_entry(const Item& item, int depth);
  void pack_folder(const Item& item, TarEntry& entry, int depth);
  void pack_names(int folder, const std::string& name, int depth);
  void pack_file(const Item& item, TarEntry& entry, bool elsewhere);
  void pack_marker(const std::string& name, timespec modified);
  [[nodiscard]] bool is_elsewhere(const struct statx& info);

  TarWriter& tar_;
  Form form_;
  std::set<std::string> opaque_;
  std::uint64_t mount_ = 0;  ///< id of the top's; 0: not known yet
  std::map<std::pair<std::uint64_t, std::uint64_t>, std::string> first_names_;
  std::int64_t size_ = 0;
};

/// The folders of an overlay's upper directory, "" for the top, that are
/// marked opaque. Wants CAP_SYS_ADMIN. \man{overlayfs}
[[nodiscard]] std::set<std::string> find_opaque(int upper);

/// All folders together may be this deep: each is a descriptor.
inline constexpr int deepest_tree = 800;

}  // namespace docker_cpp::images
