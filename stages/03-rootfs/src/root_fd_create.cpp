// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sys/random.h>
#include <unistd.h>

#include <cstdio>

#include "root_fd_detail.hpp"

#include "docker_cpp/rootfs/root_fd.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::rootfs {
namespace {

using detail::refuse;

constexpr int most_links = 40;  // as many as the kernel follows

/// Makes the directories of a path, prefix by prefix. Each prefix is resolved
/// by the kernel, in the root; only a missing name is made, in the folder whose
/// handle the step before returned.
class DirectoryMaker {
 public:
  DirectoryMaker(const RootFd& root, mode_t mode, Owner owner)
      : root_(&root), mode_(mode), owner_(owner) {}

  sys::Result<sys::UniqueFd> make(const std::string& path) {
    auto whole = root_->open(path, O_PATH | O_DIRECTORY);
    if (whole || whole.error().code != ENOENT) {
      return whole;
    }
    auto folder = root_->open("/", O_PATH | O_DIRECTORY);
    std::size_t begin = 0;
    while (folder && begin < path.size()) {
      const std::size_t end = std::min(path.find('/', begin), path.size());
      if (end != begin) {
        folder = step(folder->get(), path, begin, end);
      }
      begin = end + 1;
    }
    return folder;
  }

 private:
  /// The handle of path[0, end), whose parent is `folder`.
  sys::Result<sys::UniqueFd> step(int folder, const std::string& path,
                                  std::size_t begin, std::size_t end) {
    const std::string prefix = path.substr(0, end);
    auto found = root_->open(prefix, O_PATH | O_DIRECTORY);
    if (found || found.error().code != ENOENT) {
      return found;
    }
    const std::string name = path.substr(begin, end - begin);
    if (::mkdirat(folder, name.c_str(), mode_) == 0) {
      return adopt(folder, name);
    }
    if (errno != EEXIST) {
      return sys::fail("mkdirat");
    }
    return through_dangling_link(folder, name, path.substr(0, begin));
  }

  [[nodiscard]] sys::Result<sys::UniqueFd> adopt(
      int folder, const std::string& name) const {
    auto made =
        sys::open_at(folder, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    if (!made) {
      return made;
    }
    // Not the umask's business, and not the caller's.
    if (::fchmod(made->get(), mode_) == -1) {
      return sys::fail("fchmod");
    }
    if ((owner_.uid != 0 || owner_.gid != 0) &&
        ::fchown(made->get(), owner_.uid, owner_.gid) == -1) {
      return sys::fail("fchown");
    }
    return made;
  }

  sys::Result<sys::UniqueFd> through_dangling_link(int folder,
                                                   const std::string& name,
                                                   const std::string& before) {
    if (++links_ > most_links) {
      return refuse(ELOOP, "mkdirat");
    }
    std::string target(4096, '\0');
    const ssize_t length =
        ::readlinkat(folder, name.c_str(), target.data(), target.size());
    if (length == -1 && errno == EINVAL) {  // a directory since a moment ago
      return root_->open(before + name, O_PATH | O_DIRECTORY);
    }
    if (length == -1) {
      return sys::fail("readlinkat");
    }
    target.resize(static_cast<std::size_t>(length));
    return make(target.starts_with('/') ? target : before + target);
  }

  const RootFd* root_;
  mode_t mode_;
  Owner owner_;
  int links_ = 0;
};

std::string parent_of(const std::string& path) {
  const std::size_t last = path.find_last_not_of('/');
  const std::size_t slash = path.find_last_of('/', last);
  return slash == std::string::npos ? "" : path.substr(0, slash);
}

std::string temporary_name() {
  unsigned long random = 0;
  static_cast<void>(::getrandom(&random, sizeof random, 0));
  char name[40];
  static_cast<void>(
      std::snprintf(name, sizeof name, ".docker-cpp-%016lx", random));
  return name;
}

}  // namespace

sys::Result<sys::UniqueFd> RootFd::make_directories(const std::string& path,
                                                    mode_t mode,
                                                    Owner owner) const {
  return DirectoryMaker(*this, mode, owner).make(path);
}

sys::Result<sys::UniqueFd> RootFd::make_file(const std::string& path,
                                             mode_t mode) const {
  auto found = open(path, O_PATH);
  if (found || found.error().code != ENOENT) {
    return found;
  }
  if (const auto parents = make_directories(parent_of(path)); !parents) {
    return std::unexpected(parents.error());
  }
  return open(path, O_RDONLY | O_CREAT | O_NONBLOCK, mode);
}

sys::Result<void> RootFd::make_directory(const std::string& path,
                                         mode_t mode) const {
  const auto at = entry(path);
  if (!at) {
    return std::unexpected(at.error());
  }
  return sys::check_void(::mkdirat(at->folder.get(), at->name.c_str(), mode),
                         "mkdirat");
}

sys::Result<void> RootFd::make_node(const std::string& path, mode_t mode,
                                    dev_t device) const {
  const auto at = entry(path);
  if (!at) {
    return std::unexpected(at.error());
  }
  return sys::check_void(
      ::mknodat(at->folder.get(), at->name.c_str(), mode, device), "mknodat");
}

sys::Result<void> RootFd::symlink(const std::string& target,
                                  const std::string& path) const {
  const auto at = entry(path);
  if (!at) {
    return std::unexpected(at.error());
  }
  return sys::check_void(
      ::symlinkat(target.c_str(), at->folder.get(), at->name.c_str()),
      "symlinkat");
}

sys::Result<void> RootFd::hard_link(const std::string& existing,
                                    const std::string& path) const {
  const auto from = entry(existing);
  if (!from) {
    return std::unexpected(from.error());
  }
  const auto at = entry(path);
  if (!at) {
    return std::unexpected(at.error());
  }
  return sys::check_void(::linkat(from->folder.get(), from->name.c_str(),
                                  at->folder.get(), at->name.c_str(), 0),
                         "linkat");
}

sys::Result<void> RootFd::rename(const std::string& from,
                                 const std::string& to) const {
  const auto source = entry(from);
  if (!source) {
    return std::unexpected(source.error());
  }
  const auto target = entry(to);
  if (!target) {
    return std::unexpected(target.error());
  }
  return sys::check_void(::renameat(source->folder.get(), source->name.c_str(),
                                    target->folder.get(), target->name.c_str()),
                         "renameat");
}

sys::Result<void> RootFd::write_file(const std::string& path,
                                     std::string_view content,
                                     mode_t mode) const {
  const auto at = entry(path);
  if (!at) {
    return std::unexpected(at.error());
  }
  const std::string beside = temporary_name();
  const int folder = at->folder.get();
  const auto file = sys::open_at(
      folder, beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode);
  if (!file) {
    return std::unexpected(file.error());
  }
  auto done = sys::write_all(file->get(), content);
  if (done) {
    done = sys::check_void(::fchmod(file->get(), mode), "fchmod");
  }
  if (done) {
    done = sys::check_void(
        ::renameat(folder, beside.c_str(), folder, at->name.c_str()),
        "renameat");
  }
  if (!done) {
    ::unlinkat(folder, beside.c_str(), 0);
  }
  return done;
}

sys::Result<void> RootFd::set_owner(const std::string& path, Owner owner,
                                    Links links) const {
  const auto handle =
      open(path, O_PATH | (links == Links::keep ? O_NOFOLLOW : 0));
  if (!handle) {
    return std::unexpected(handle.error());
  }
  return sys::check_void(
      ::fchownat(handle->get(), "", owner.uid, owner.gid, AT_EMPTY_PATH),
      "fchownat");
}

sys::Result<void> RootFd::set_mode(const std::string& path, mode_t mode) const {
  const auto handle = open(path, O_PATH);
  if (!handle) {
    return std::unexpected(handle.error());
  }
  return sys::check_void(
      ::chmod(detail::handle_path(handle->get()).c_str(), mode), "chmod");
}

}  // namespace docker_cpp::rootfs
