// SPDX-License-Identifier: Apache-2.0
// Resolving and reading; what changes the root is in root_fd_create.cpp and
// root_fd_remove.cpp.
#include "docker_cpp/rootfs/root_fd.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <unistd.h>

#include <cstring>
#include <memory>

#include "root_fd_detail.hpp"

#include "docker_cpp/sys/file.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::rootfs {
namespace detail {

std::unexpected<sys::SysError> refuse(int code, const char* call) {
  return std::unexpected(sys::SysError{.code = code, .call = call});
}

std::string handle_path(int fd) {
  return "/proc/self/fd/" + std::to_string(fd);
}

sys::Result<std::vector<std::string>> names_in(sys::UniqueFd folder) {
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(::fdopendir(folder.get()),
                                                   &::closedir);
  if (!stream) {
    return sys::fail("fdopendir");
  }
  static_cast<void>(folder.release());  // the stream closes it
  std::vector<std::string> names;
  errno = 0;
  while (const dirent* found = ::readdir(stream.get())) {
    const std::string_view name = found->d_name;
    if (name != "." && name != "..") {
      names.emplace_back(name);
    }
    errno = 0;
  }
  if (errno != 0) {
    return sys::fail("readdir");
  }
  return names;
}

}  // namespace detail

using detail::refuse;

sys::Result<RootFd> RootFd::of(const std::string& directory) {
  auto fd = sys::open(directory.c_str(), O_PATH | O_DIRECTORY);
  if (!fd) {
    return std::unexpected(fd.error());
  }
  return RootFd(*std::move(fd));
}

sys::Result<sys::UniqueFd> RootFd::open(const std::string& path, int flags,
                                        mode_t mode) const {
  if (path.find('\0') != std::string::npos) {
    return refuse(EINVAL, "openat2");
  }
  // "" would be refused, but means the root just as "/" does.
  return sys::open_beneath(directory_.get(), path.empty() ? "." : path.c_str(),
                           flags, mode,
                           RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
}

sys::Result<sys::UniqueFd> RootFd::open_regular(const std::string& path) const {
  // A handle first: merely opening a fifo blocks, and opening a device acts.
  const auto handle = open(path, O_PATH);
  if (!handle) {
    return std::unexpected(handle.error());
  }
  struct stat info{};
  if (::fstat(handle->get(), &info) == -1) {
    return sys::fail("fstat");
  }
  if (!S_ISREG(info.st_mode)) {
    return refuse(EINVAL, "open a regular file");
  }
  return sys::open(detail::handle_path(handle->get()).c_str(), O_RDONLY);
}

sys::Result<RootFd> RootFd::sub_root(const std::string& path) const {
  auto fd = open(path, O_PATH | O_DIRECTORY);
  if (!fd) {
    return std::unexpected(fd.error());
  }
  return RootFd(*std::move(fd));
}

sys::Result<RootFd::Entry> RootFd::entry(const std::string& path) const {
  const std::size_t last = path.find_last_not_of('/');
  if (last == std::string::npos) {
    return refuse(EINVAL, "name an entry of the root");
  }
  const std::size_t slash = path.find_last_of('/', last);
  const std::size_t begin = slash == std::string::npos ? 0 : slash + 1;
  std::string name = path.substr(begin, last - begin + 1);
  if (name == "." || name == ".." || name.find('\0') != std::string::npos) {
    return refuse(EINVAL, "name an entry of the root");
  }
  auto folder = open(path.substr(0, begin), O_PATH | O_DIRECTORY);
  if (!folder) {
    return std::unexpected(folder.error());
  }
  return Entry{.folder = *std::move(folder), .name = std::move(name)};
}

sys::Result<struct stat> RootFd::stat(const std::string& path,
                                      Links links) const {
  const auto handle =
      open(path, O_PATH | (links == Links::keep ? O_NOFOLLOW : 0));
  if (!handle) {
    return std::unexpected(handle.error());
  }
  struct stat info{};
  if (::fstat(handle->get(), &info) == -1) {
    return sys::fail("fstat");
  }
  return info;
}

bool RootFd::exists(const std::string& path) const {
  return stat(path).has_value();
}

sys::Result<std::string> RootFd::read_link(const std::string& path) const {
  const auto at = entry(path);
  if (!at) {
    return std::unexpected(at.error());
  }
  std::string target(4096, '\0');  // PATH_MAX: no link is longer
  const ssize_t length = ::readlinkat(at->folder.get(), at->name.c_str(),
                                      target.data(), target.size());
  if (length == -1) {
    return sys::fail("readlinkat");
  }
  target.resize(static_cast<std::size_t>(length));
  return target;
}

sys::Result<std::vector<std::string>> RootFd::list(
    const std::string& path) const {
  auto folder = open(path, O_RDONLY | O_DIRECTORY);
  if (!folder) {
    return std::unexpected(folder.error());
  }
  return detail::names_in(*std::move(folder));
}

sys::Result<std::string> RootFd::read_file(const std::string& path,
                                           std::size_t limit) const {
  const auto file = open_regular(path);
  if (!file) {
    return std::unexpected(file.error());
  }
  return sys::read_all(file->get(), limit);
}

}  // namespace docker_cpp::rootfs
