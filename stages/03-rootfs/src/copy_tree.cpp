// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/rootfs/copy_tree.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <map>
#include <utility>
#include <vector>

#include "root_fd_detail.hpp"

#include "docker_cpp/rootfs/frozen_layer.hpp"
#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::rootfs {
namespace {

constexpr unsigned long one_name =
    RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV;

/// One entry of the source: its folder there, its name, and what it is.
struct Item {
  int folder;
  const char* name;
  struct stat info;
};

class TreeCopier {
 public:
  void copy_content(int from, int into, const std::string& path) {
    auto readable = must(sys::open_at(from, ".", O_RDONLY | O_DIRECTORY),
                         "read the directory " + path);
    const auto names = must(detail::names_in(std::move(readable)),
                            "read the directory " + path);
    for (const std::string& name : names) {
      std::string below = path;
      below.append("/").append(name);
      copy_entry(from, into, name.c_str(), below);
    }
  }

  /// Owner, mode, attributes, times: in this order, because a change of owner
  /// takes set-id bits and capabilities away.
  static void copy_state(int from, int into, const struct stat& info,
                         const std::string& path) {
    const std::string doing = "copy the owner and mode of " + path;
    must(sys::check_void(::fchown(into, info.st_uid, info.st_gid), "fchown"),
         doing);
    must(sys::check_void(::fchmod(into, info.st_mode & 07777), "fchmod"),
         doing);
    copy_attributes(from, into, path);
    const timespec times[2] = {info.st_atim, info.st_mtim};
    must(sys::check_void(::futimens(into, times), "futimens"), doing);
  }

 private:
  void copy_entry(int from, int into, const char* name,
                  const std::string& path) {
    Item item{.folder = from, .name = name, .info = {}};
    must(sys::check_void(::fstatat(from, name, &item.info, AT_SYMLINK_NOFOLLOW),
                         "fstatat"),
         "copy " + path);
    if (S_ISDIR(item.info.st_mode)) {
      copy_directory(item, into, path);
    } else if (!linked_before(item, into, path)) {
      copy_other(item, into, path);
    }
  }

  void copy_directory(const Item& item, int into, const std::string& path) {
    const sys::UniqueFd source =
        must(sys::open_beneath(item.folder, item.name, O_RDONLY | O_DIRECTORY,
                               0, one_name),
             "copy " + path);
    must(sys::check_void(::mkdirat(into, item.name, 0700), "mkdirat"),
         "copy " + path);
    const sys::UniqueFd target = must(
        sys::open_beneath(into, item.name, O_RDONLY | O_DIRECTORY, 0, one_name),
        "copy " + path);
    copy_content(source.get(), target.get(), path);
    copy_state(source.get(), target.get(), item.info, path);
  }

  /// A further name of a file that was copied already.
  bool linked_before(const Item& item, int into, const std::string& path) {
    if (item.info.st_nlink < 2) {
      return false;
    }
    const std::pair key(item.info.st_dev, item.info.st_ino);
    const auto known = first_names_.find(key);
    if (known == first_names_.end()) {
      first_names_.emplace(key, path);
      return false;
    }
    const RootFd::Entry first =
        must(top_->entry(known->second), "link " + path);
    must(sys::check_void(::linkat(first.folder.get(), first.name.c_str(), into,
                                  item.name, 0),
                         "linkat"),
         "link " + path);
    return true;
  }

  static void copy_other(const Item& item, int into, const std::string& path) {
    switch (item.info.st_mode & S_IFMT) {
      case S_IFREG:
        copy_file(item, into, path);
        break;
      case S_IFLNK:
        copy_link(item, into, path);
        break;
      case S_IFSOCK:
        break;  // belongs to a process that is not here
      default:
        must(sys::check_void(::mknodat(into, item.name, item.info.st_mode,
                                       item.info.st_rdev),
                             "mknodat"),
             "copy " + path);
        finish_by_name(item, into, path);
    }
  }

  static void copy_link(const Item& item, int into, const std::string& path) {
    std::string target(4096, '\0');
    const ssize_t length = must(
        sys::check(
            ::readlinkat(item.folder, item.name, target.data(), target.size()),
            "readlinkat"),
        "copy " + path);
    target.resize(static_cast<std::size_t>(length));
    must(sys::check_void(::symlinkat(target.c_str(), into, item.name),
                         "symlinkat"),
         "copy " + path);
    finish_by_name(item, into, path);
  }

  /// For what cannot be opened: links, devices, fifos.
  static void finish_by_name(const Item& item, int into,
                             const std::string& path) {
    must(sys::check_void(::fchownat(into, item.name, item.info.st_uid,
                                    item.info.st_gid, AT_SYMLINK_NOFOLLOW),
                         "fchownat"),
         "copy the owner of " + path);
    if (!S_ISLNK(item.info.st_mode)) {
      const sys::UniqueFd made =
          must(sys::open_at(into, item.name, O_PATH | O_NOFOLLOW), path);
      must(sys::check_void(::chmod(detail::handle_path(made.get()).c_str(),
                                   item.info.st_mode & 07777),
                           "chmod"),
           "copy the mode of " + path);
    }
    const timespec times[2] = {item.info.st_atim, item.info.st_mtim};
    must(sys::check_void(
             ::utimensat(into, item.name, times, AT_SYMLINK_NOFOLLOW),
             "utimensat"),
         "copy the times of " + path);
  }

  static void copy_file(const Item& item, int into, const std::string& path) {
    // Not blocking: it may be a fifo by now.
    const sys::UniqueFd source =
        must(sys::open_beneath(item.folder, item.name, O_RDONLY | O_NONBLOCK, 0,
                               one_name),
             "copy " + path);
    const sys::UniqueFd target =
        must(sys::open_at(into, item.name,
                          O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0600),
             "copy " + path);
    struct stat info{};
    must(sys::check_void(::fstat(source.get(), &info), "fstat"), path);
    if (!S_ISREG(info.st_mode)) {
      throw Error({.code = EINVAL, .call = "open"},
                  "copy " + path + ", which is no file any more");
    }
    copy_data(source.get(), target.get(), info.st_size, path);
    copy_state(source.get(), target.get(), info, path);
  }

  /// Only what is not a hole. lseek(2), SEEK_DATA
  static void copy_data(int from, int into, off_t size,
                        const std::string& path) {
    must(sys::check_void(::ftruncate(into, size), "ftruncate"), "copy " + path);
    off_t at = 0;
    while (at < size && (at = ::lseek(from, at, SEEK_DATA)) != -1) {
      const off_t hole = ::lseek(from, at, SEEK_HOLE);
      const off_t end = hole == -1 ? size : hole;
      while (at < end) {
        const auto length = static_cast<std::size_t>(end - at);
        const ssize_t copied =
            must(copy_some(from, into, at, length), "copy " + path);
        if (copied == 0) {  // shorter than it was
          return;
        }
        at += copied;
      }
    }
  }

  /// Shared extents where the file system has them, and it is the same one.
  static sys::Result<ssize_t> copy_some(int from, int into, off_t at,
                                        std::size_t length) {
    off_t in = at;
    off_t out = at;
    const ssize_t copied = ::copy_file_range(from, &in, into, &out, length, 0);
    if (copied >= 0 || (errno != EXDEV && errno != EINVAL &&
                        errno != EOPNOTSUPP && errno != ENOSYS)) {
      return sys::check(copied, "copy_file_range");
    }
    if (::lseek(into, at, SEEK_SET) == -1) {
      return sys::fail("lseek");
    }
    return sys::check(::sendfile(into, from, &in, length), "sendfile");
  }

  static void copy_attributes(int from, int into, const std::string& path) {
    std::vector<char> names(65'536);  // XATTR_LIST_MAX
    std::vector<char> value(65'536);
    const ssize_t length = ::flistxattr(from, names.data(), names.size());
    for (ssize_t at = 0; at < length;) {
      const char* name = names.data() + at;
      const ssize_t size = ::fgetxattr(from, name, value.data(), value.size());
      if (size >= 0 &&
          ::fsetxattr(into, name, value.data(), static_cast<std::size_t>(size),
                      0) == -1 &&
          errno != ENOTSUP) {
        throw Error({.code = errno, .call = "fsetxattr"},
                    "copy the attribute " + std::string(name) + " of " + path);
      }
      at += static_cast<ssize_t>(std::char_traits<char>::length(name)) + 1;
    }
  }

 public:
  explicit TreeCopier(const RootFd& top) : top_(&top) {}

 private:
  const RootFd* top_;  ///< of the copy
  std::map<std::pair<dev_t, ino_t>, std::string> first_names_;
};

}  // namespace

void copy_top(const RootFd& layer, const RootFd& into) {
  const std::string doing = "copy the top of the layer";
  const auto from =
      must(sys::open_at(layer.get(), ".", O_RDONLY | O_DIRECTORY), doing);
  const auto to =
      must(sys::open_at(into.get(), ".", O_RDONLY | O_DIRECTORY), doing);
  struct stat info{};
  must(sys::check_void(::fstat(from.get(), &info), "fstat"), doing);
  TreeCopier::copy_state(from.get(), to.get(), info, "/");
}

void copy_tree(const RootFd& from, const RootFd& into) {
  TreeCopier(into).copy_content(from.get(), into.get(), "");
}

bool copy_up(const RootFd& image, const std::string& path,
             const RootFd& volume) {
  if (!must(volume.list("/"), "look into the volume").empty()) {
    return false;
  }
  const auto source = image.open(path, O_RDONLY | O_DIRECTORY);
  if (!source) {
    if (source.error().code == ENOENT || source.error().code == ENOTDIR) {
      return false;
    }
    throw Error(source.error(), "copy " + path + " of the image");
  }
  struct stat info{};
  must(sys::check_void(::fstat(source->get(), &info), "fstat"), path);
  const sys::UniqueFd target =
      must(sys::open_at(volume.get(), ".", O_RDONLY | O_DIRECTORY),
           "open the volume");
  TreeCopier(volume).copy_content(source->get(), target.get(), "");
  TreeCopier::copy_state(source->get(), target.get(), info, path);
  return true;
}

}  // namespace docker_cpp::rootfs
