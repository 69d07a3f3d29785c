// SPDX-License-Identifier: Apache-2.0
#include "tree_pack.hpp"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "files.hpp"

#include "docker_cpp/images/image_error.hpp"
#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::images {
namespace {

constexpr const char* opaque_attribute = "trusted.overlay.opaque";
constexpr std::size_t largest_attribute = 65'536;

struct statx status_of(int folder, const std::string& leaf,
                       const std::string& name) {
  struct statx info{};
  must(sys::check_void(
           ::statx(folder, leaf.c_str(), AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT,
                   STATX_BASIC_STATS | STATX_MNT_ID, &info),
           "statx"),
       "look at " + name);
  return info;
}

TarEntry entry_of(const struct statx& info, const std::string& name) {
  TarEntry entry;
  entry.name = name;
  entry.type = info.stx_mode & S_IFMT;
  entry.permissions = info.stx_mode & 07777;
  entry.uid = info.stx_uid;
  entry.gid = info.stx_gid;
  entry.size = static_cast<std::int64_t>(info.stx_size);
  entry.modified = {.tv_sec = info.stx_mtime.tv_sec,
                    .tv_nsec = info.stx_mtime.tv_nsec};
  entry.device = makedev(info.stx_rdev_major, info.stx_rdev_minor);
  return entry;
}

/// What an archive may carry; see entry_attributes.cpp for its reading side.
bool is_carried(std::string_view name) {
  return name == "security.capability" ||
         name.starts_with("system.posix_acl_") ||
         (name.starts_with("user.") && !name.starts_with("user.overlay."));
}

void read_attributes(int file, TarEntry& entry) {
  std::vector<char> names(largest_attribute);
  const ssize_t length = ::flistxattr(file, names.data(), names.size());
  std::vector<char> value;
  for (ssize_t at = 0; at < length;) {
    const std::string name = names.data() + at;
    at += static_cast<ssize_t>(name.size()) + 1;
    if (!is_carried(name)) {
      continue;
    }
    value.resize(largest_attribute);
    const ssize_t size =
        ::fgetxattr(file, name.c_str(), value.data(), value.size());
    if (size >= 0) {
      entry.attributes.emplace_back(
          name, std::string(value.data(), static_cast<std::size_t>(size)));
    }
  }
  std::ranges::sort(entry.attributes);
}

/// Made by the kernel as it is read: of no meaning outside, and endless.
bool is_invented(int folder) {
  constexpr std::array<long, 12> kinds = {
      PROC_SUPER_MAGIC,    SYSFS_MAGIC,    CGROUP_SUPER_MAGIC,
      CGROUP2_SUPER_MAGIC, DEBUGFS_MAGIC,  TRACEFS_MAGIC,
      BPF_FS_MAGIC,        PSTOREFS_MAGIC, SECURITYFS_MAGIC,
      DEVPTS_SUPER_MAGIC,  SELINUX_MAGIC,  0x19800202 /* mqueue */};
  struct statfs about{};
  return ::fstatfs(folder, &about) == 0 &&
         std::ranges::find(kinds, static_cast<long>(about.f_type)) !=
             kinds.end();
}

sys::UniqueFd open_sub_folder(int folder, const std::string& leaf,
                              const std::string& name) {
  return must(
      sys::open_at(folder, leaf.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW),
      "open " + name);
}

std::string below(const std::string& name, const std::string& leaf) {
  if (name.empty()) {
    return leaf;
  }
  return name.ends_with('/') ? name + leaf : name + "/" + leaf;
}

std::vector<std::string> sorted_names(int folder) {
  std::vector<std::string> names = list_folder(folder);
  std::ranges::sort(names);
  return names;
}

std::string link_target(int folder, const std::string& leaf) {
  std::string target(4096, '\0');
  const ssize_t length =
      ::readlinkat(folder, leaf.c_str(), target.data(), target.size());
  target.resize(static_cast<std::size_t>(std::max<ssize_t>(length, 0)));
  return target;
}

void refuse_depth(const std::string& name) {
  throw ImageError(ImageError::Reason::failed,
                   "'" + name.substr(0, 200) + "...' is deeper than " +
                       std::to_string(deepest_tree) + " folders");
}

void find_opaque_below(int folder, const std::string& name, int depth,
                       std::set<std::string>& found) {
  std::array<char, 4> value{};
  if (::fgetxattr(folder, opaque_attribute, value.data(), value.size()) == 1 &&
      value[0] == 'y') {
    found.insert(name);
  }
  if (depth > deepest_tree) {
    refuse_depth(name);
  }
  for (const std::string& leaf : list_folder(folder)) {
    struct stat info{};
    if (::fstatat(folder, leaf.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0 &&
        S_ISDIR(info.st_mode)) {
      const sys::UniqueFd sub = open_sub_folder(folder, leaf, name);
      find_opaque_below(sub.get(), below(name, leaf), depth + 1, found);
    }
  }
}

}  // namespace

std::set<std::string> find_opaque(int upper) {
  std::set<std::string> found;
  const sys::UniqueFd top = open_sub_folder(upper, ".", "the changes");
  find_opaque_below(top.get(), "", 0, found);
  return found;
}

void TreePacker::pack(int folder, const std::string& leaf,
                      const std::string& name) {
  pack_entry({.folder = folder, .leaf = leaf, .name = name}, 0);
}

void TreePacker::pack_content(int folder) {
  const sys::UniqueFd top = open_sub_folder(folder, ".", "the tree");
  mount_ = status_of(top.get(), ".", "the tree").stx_mnt_id;
  pack_names(top.get(), "", 0);
}

bool TreePacker::is_elsewhere(const struct statx& info) {
  if (mount_ == 0) {
    mount_ = info.stx_mnt_id;
  }
  return info.stx_mnt_id != mount_;
}

void TreePacker::pack_entry(const Item& item, int depth) {
  struct statx info{};
  if (::statx(item.folder, item.leaf.c_str(),
              AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT,
              STATX_BASIC_STATS | STATX_MNT_ID, &info) == -1) {
    if (errno == ENOENT && depth > 0) {
      return;  // gone since its folder was read
    }
    throw Error({.code = errno, .call = "statx"}, "look at " + item.name);
  }
  TarEntry entry = entry_of(info, item.name);
  const bool elsewhere = is_elsewhere(info);
  if (entry.type == S_IFDIR) {
    return pack_folder(item, entry, depth);
  }
  if (form_ == Form::changes && S_ISCHR(entry.type) && entry.device == 0) {
    const std::size_t slash = item.name.rfind('/') + 1;  // npos + 1 is 0
    return pack_marker(item.name.substr(0, slash) + ".wh." + item.leaf,
                       entry.modified);
  }
  if (info.stx_nlink > 1) {
    const auto inode = std::pair(
        (std::uint64_t{info.stx_dev_major} << 32U) | info.stx_dev_minor,
        info.stx_ino);
    const auto [first, fresh] = first_names_.try_emplace(inode, item.name);
    if (!fresh) {
      entry.hard_link = true;
      entry.link = first->second;
      return tar_.add(entry);
    }
  }
  switch (entry.type) {
    case S_IFREG:
      return pack_file(item, entry, elsewhere);
    case S_IFLNK:
      entry.link = link_target(item.folder, item.leaf);
      return tar_.add(entry);
    case S_IFSOCK:
      return;
    default:
      tar_.add(entry);
  }
}

void TreePacker::pack_marker(const std::string& name, timespec modified) {
  TarEntry marker;
  marker.name = name;
  marker.type = S_IFREG;
  marker.permissions = 0600;
  marker.modified = modified;
  tar_.add(marker);
}

void TreePacker::pack_file(const Item& item, TarEntry& entry, bool elsewhere) {
  if (elsewhere && form_ == Form::one) {
    entry.size = 0;
    return tar_.add(entry);
  }
  // Not blocking: it may be a fifo by now.
  auto opened = sys::open_at(item.folder, item.leaf.c_str(),
                             O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  if (!opened &&
      (opened.error().code == ENOENT || opened.error().code == ELOOP)) {
    return;
  }
  const sys::UniqueFd file = must(std::move(opened), "read " + item.name);
  struct stat now{};
  must(sys::check_void(::fstat(file.get(), &now), "fstat"), item.name);
  if (!S_ISREG(now.st_mode)) {
    return;
  }
  entry.size = now.st_size;
  read_attributes(file.get(), entry);
  tar_.add_file(entry, file.get());
  size_ += entry.size;
}

void TreePacker::pack_folder(const Item& item, TarEntry& entry, int depth) {
  if (depth > deepest_tree) {
    refuse_depth(item.name);
  }
  const sys::UniqueFd folder =
      open_sub_folder(item.folder, item.leaf, item.name);
  read_attributes(folder.get(), entry);
  tar_.add(entry);
  const struct statx info = status_of(folder.get(), ".", item.name);
  const bool hidden = is_elsewhere(info) && form_ == Form::one;
  if (hidden || (depth > 0 && is_invented(folder.get()))) {
    return;
  }
  if (opaque_.contains(item.name)) {
    pack_marker(below(item.name, ".wh..wh..opq"), entry.modified);
  }
  pack_names(folder.get(), item.name, depth);
}

void TreePacker::pack_names(int folder, const std::string& name, int depth) {
  for (const std::string& leaf : sorted_names(folder)) {
    pack_entry({.folder = folder, .leaf = leaf, .name = below(name, leaf)},
               depth + 1);
  }
}

}  // namespace docker_cpp::images
