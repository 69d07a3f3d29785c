// SPDX-License-Identifier: Apache-2.0
#include "layer_apply.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <utility>

#include "entry_attributes.hpp"

#include "docker_cpp/images/image_error.hpp"
#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::images {
namespace {

constexpr std::string_view whiteout_prefix = ".wh.";
constexpr std::string_view opaque_marker = ".wh..wh..opq";
constexpr std::string_view meta_prefix = ".wh..wh.";

std::string joined(const EntryPath& path) {
  return path.parent.empty() ? path.leaf : path.parent + "/" + path.leaf;
}

bool is_overlay_whiteout(const struct stat& status) {
  return S_ISCHR(status.st_mode) && status.st_rdev == makedev(0, 0);
}

[[noreturn]] void refuse(const std::string& entry, std::string_view why) {
  throw ImageError(ImageError::Reason::invalid,
                   "entry '" + entry + "': " + std::string(why));
}

}  // namespace

EntryPath clean_entry_name(std::string_view name) {
  std::vector<std::string_view> parts;
  for (std::string_view rest = name; !rest.empty();) {
    const std::size_t slash = std::min(rest.find('/'), rest.size());
    const std::string_view part = rest.substr(0, slash);
    rest.remove_prefix(std::min(slash + 1, rest.size()));
    if (part == "..") {
      if (parts.empty()) {
        refuse(std::string(name), "its name leads outside of the layer");
      }
      parts.pop_back();
    } else if (!part.empty() && part != ".") {
      parts.push_back(part);
    }
  }
  EntryPath path;
  if (parts.empty()) {
    return path;
  }
  path.leaf = parts.back();
  parts.pop_back();
  for (const std::string_view part : parts) {
    path.parent += (path.parent.empty() ? "" : "/") + std::string(part);
  }
  return path;
}

LayerApply::LayerApply(rootfs::RootFd root, Position position, Rules rules)
    : root_(std::move(root)), position_(position), rules_(std::move(rules)) {}

void LayerApply::apply(TarReader& tar) {
  TarEntry entry;
  while (tar.next(entry)) {
    current_ = entry.name;
    ++files_;
    place(tar, entry);
  }
  set_folder_times();
}

EntryPath LayerApply::path_of(std::string_view name) const {
  std::string renamed;
  if (!rules_.top.empty()) {
    renamed = rules_.top;
    renamed += name.substr(std::min(name.find('/'), name.size()));
    name = renamed;
  }
  EntryPath path = clean_entry_name(name);
  if (!path.leaf.empty() && !rules_.base.empty()) {
    path.parent =
        path.parent.empty() ? rules_.base : rules_.base + "/" + path.parent;
  }
  return path;
}

void LayerApply::place(TarReader& tar, const TarEntry& entry) {
  const EntryPath path = path_of(entry.name);
  if (path.leaf.empty()) {
    return place_root(entry);
  }
  if (position_ != Position::files && path.leaf.starts_with(whiteout_prefix)) {
    return white_out(path, path.leaf);
  }
  const int parent = open_parent(path.parent);
  if (entry.hard_link) {
    return make_hard_link(parent, path, entry);
  }
  clear_way(parent, path, entry);
  const int folder = open_parent(path.parent);  // the cache may be gone
  switch (entry.type) {
    case S_IFREG:
      return make_file(tar, folder, path.leaf, entry);
    case S_IFDIR:
      return make_folder(folder, path, entry);
    case S_IFLNK:
      return make_symbolic_link(folder, path.leaf, entry);
    case S_IFCHR:
    case S_IFBLK:
    case S_IFIFO:
      return make_special(folder, path.leaf, entry);
    default:
      refuse(current_, "a layer cannot hold an entry of this type");
  }
}

void LayerApply::place_root(const TarEntry& entry) {
  if (entry.hard_link || !S_ISDIR(entry.type)) {
    refuse(current_, "the root of a layer can only be a folder");
  }
  if (position_ == Position::files) {
    return;  // the folder that `cp` copies into stays what it is
  }
  const sys::UniqueFd root =
      must(root_.open("/", O_RDONLY | O_DIRECTORY), "entry '" + current_ + "'");
  set_attributes(root.get(), entry, rules_.owner);
  folder_times_[""] = entry.modified;
}

// [open-parent]
/// The folder an entry goes into, made when the archive left it out. Symbolic
/// links on the way are followed, with the layer as their root: what they can
/// reach is the layer, and no more.
int LayerApply::open_parent(const std::string& parent) {
  if (cached_ && parent == cached_path_) {
    return cached_.get();
  }
  auto found = root_.open(parent, O_PATH | O_DIRECTORY);
  if (!found && found.error().code == ENOENT) {
    found = root_.make_directories(parent);
  }
  if (!found &&
      (found.error().code == ENOTDIR || found.error().code == ELOOP)) {
    refuse(current_, "'" + parent + "' is not a folder");
  }
  cached_ = must(std::move(found), "entry '" + current_ + "'");
  cached_path_ = parent;
  return cached_.get();
}
// [open-parent]

/// A later entry replaces an earlier one of the same name; only folders merge.
void LayerApply::clear_way(int parent, const EntryPath& path,
                           const TarEntry& entry) {
  struct stat status{};
  if (::fstatat(parent, path.leaf.c_str(), &status, AT_SYMLINK_NOFOLLOW) ==
      -1) {
    return;
  }
  const bool becomes_folder = !entry.hard_link && S_ISDIR(entry.type);
  if (S_ISDIR(status.st_mode) && becomes_folder) {
    return;
  }
  check_clash(S_ISDIR(status.st_mode), becomes_folder);
  // Hidden by this layer and then made anew: nothing shines through.
  if (becomes_folder && position_ != Position::files &&
      is_overlay_whiteout(status)) {
    opaque_.push_back(joined(path));
  }
  must(root_.remove_tree(joined(path)), "entry '" + current_ + "'");
  folder_times_.erase(joined(path));
  cached_.reset();
}

/// The sentences are Docker's.
void LayerApply::check_clash(bool was_folder, bool becomes_folder) const {
  if (rules_.clash == Clash::replace || was_folder == becomes_folder) {
    return;
  }
  const std::string name = "\"" + current_ + "\"";
  throw ImageError(ImageError::Reason::invalid,
                   was_folder ? "cannot overwrite directory " + name +
                                    " with non-directory " + name
                              : "cannot overwrite non-directory " + name +
                                    " with directory " + name);
}

void LayerApply::white_out(const EntryPath& path, std::string_view marker) {
  const int parent = open_parent(path.parent);
  if (marker == opaque_marker) {
    opaque_.push_back(path.parent.empty() ? "." : path.parent);
    return;
  }
  if (marker.starts_with(meta_prefix)) {
    return;  // bookkeeping of aufs, which Docker's oldest layers carry
  }
  const std::string hidden(marker.substr(whiteout_prefix.size()));
  if (hidden.empty() || hidden == "." || hidden == "..") {
    refuse(current_, "this whiteout hides nothing");
  }
  struct stat status{};
  if (::fstatat(parent, hidden.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0) {
    // Whiteouts speak of lower layers: what this layer has, stays.
    if (S_ISDIR(status.st_mode)) {
      opaque_.push_back(joined({path.parent, hidden}));
    }
    return;
  }
  if (position_ == Position::lowest) {
    return;
  }
  must(
      sys::check_void(::mknodat(parent, hidden.c_str(), S_IFCHR, 0), "mknodat"),
      "entry '" + current_ + "'");
}

void LayerApply::make_file(TarReader& tar, int parent, const std::string& leaf,
                           const TarEntry& entry) {
  const std::string doing = "entry '" + current_ + "'";
  const sys::UniqueFd file =
      must(sys::open_at(parent, leaf.c_str(),
                        O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600),
           doing);
  tar.write_data(file.get(), current_);
  // A hole at the end leaves no block behind.
  must(sys::check_void(::ftruncate(file.get(), entry.size), "ftruncate"),
       doing);
  set_attributes(file.get(), entry, rules_.owner);
  const std::array times = {entry.modified, entry.modified};
  must(sys::check_void(::futimens(file.get(), times.data()), "futimens"),
       doing);
  size_ += entry.size;
}

void LayerApply::make_folder(int parent, const EntryPath& path,
                             const TarEntry& entry) {
  const std::string doing = "entry '" + current_ + "'";
  if (::mkdirat(parent, path.leaf.c_str(), 0700) == -1 && errno != EEXIST) {
    throw Error({.code = errno, .call = "mkdirat"}, doing);
  }
  const sys::UniqueFd folder =
      must(sys::open_at(parent, path.leaf.c_str(),
                        O_RDONLY | O_DIRECTORY | O_NOFOLLOW),
           doing);
  set_attributes(folder.get(), entry, rules_.owner);
  folder_times_[joined(path)] = entry.modified;
}

void LayerApply::make_hard_link(int parent, const EntryPath& path,
                                const TarEntry& entry) {
  const EntryPath target = path_of(entry.link);
  if (target.leaf.empty()) {
    refuse(current_, "a hard link needs a file to link to");
  }
  if (joined(target) == joined(path)) {
    return;  // to itself
  }
  clear_way(parent, path, entry);
  const std::string doing =
      "entry '" + current_ + "': hard link to '" + entry.link + "'";
  const sys::UniqueFd from =
      must(root_.open(target.parent, O_PATH | O_DIRECTORY), doing);
  must(sys::check_void(::linkat(from.get(), target.leaf.c_str(),
                                open_parent(path.parent), path.leaf.c_str(), 0),
                       "linkat"),
       doing);
}

void LayerApply::make_symbolic_link(int parent, const std::string& leaf,
                                    const TarEntry& entry) {
  must(sys::check_void(::symlinkat(entry.link.c_str(), parent, leaf.c_str()),
                       "symlinkat"),
       "entry '" + current_ + "'");
  set_link_attributes(parent, leaf, entry, rules_.owner);
}

void LayerApply::make_special(int parent, const std::string& leaf,
                              const TarEntry& entry) {
  const std::string doing = "entry '" + current_ + "'";
  const dev_t device = S_ISFIFO(entry.type) ? 0 : entry.device;
  // Its mode is given here, with no umask: changing it later would follow a
  // link that whoever uses the tree has put in its place.
  must(sys::check_void(::mknodat(parent, leaf.c_str(),
                                 entry.type | entry.permissions, device),
                       "mknodat"),
       doing);
  set_link_attributes(parent, leaf, entry, rules_.owner);
}

/// Last of all: whatever is made in a folder changes its time.
void LayerApply::set_folder_times() {
  for (const auto& [name, modified] : folder_times_) {
    const EntryPath path = clean_entry_name(name);
    const auto parent = root_.open(path.parent, O_PATH | O_DIRECTORY);
    if (parent) {
      const std::array times = {modified, modified};
      static_cast<void>(::utimensat(parent->get(),
                                    path.leaf.empty() ? "." : path.leaf.c_str(),
                                    times.data(), AT_SYMLINK_NOFOLLOW));
    }
  }
}

}  // namespace docker_cpp::images
