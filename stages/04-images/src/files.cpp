// SPDX-License-Identifier: Apache-2.0
#include "files.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <memory>

#include "docker_cpp/rootfs/root_fd.hpp"
#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/failpoint.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::images {
namespace {

struct CloseDir {
  void operator()(DIR* stream) const { ::closedir(stream); }
};

}  // namespace

sys::UniqueFd open_folder(int parent, const std::string& name, mode_t mode) {
  if (::mkdirat(parent, name.c_str(), mode) == -1 && errno != EEXIST) {
    throw Error({.code = errno, .call = "mkdirat"}, "make folder " + name);
  }
  // Not O_NOFOLLOW: an operator may have put a part of the data root elsewhere.
  return must(sys::open_at(parent, name.c_str(), O_RDONLY | O_DIRECTORY),
              "open folder " + name);
}

void replace_file(int folder, const std::string& name, std::string_view text,
                  [[maybe_unused]] std::string_view point) {
  const std::string beside = name + ".new";
  const std::string doing = "write " + name;
  DOCKER_CPP_FAILPOINT(std::string(point) + ".write");
  const sys::UniqueFd file =
      must(sys::open_at(folder, beside.c_str(),
                        O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0600),
           doing);
  must(sys::write_all(file.get(), text), doing);
  must(sys::check_void(::fsync(file.get()), "fsync"), doing);
  DOCKER_CPP_FAILPOINT(std::string(point) + ".rename");
  must(sys::check_void(::renameat(folder, beside.c_str(), folder, name.c_str()),
                       "rename"),
       doing);
  DOCKER_CPP_FAILPOINT(std::string(point) + ".sync");
  sync_folder(folder, doing);
}

void sync_folder(int folder, std::string_view what) {
  must(sys::check_void(::fsync(folder), "fsync"), what);
}

std::vector<std::string> list_folder(int folder) {
  // A new open file description: reading moves its position.
  sys::UniqueFd own =
      must(sys::open_at(folder, ".", O_RDONLY | O_DIRECTORY), "list a folder");
  const std::unique_ptr<DIR, CloseDir> stream(::fdopendir(own.get()));
  if (!stream) {
    throw Error({.code = errno, .call = "fdopendir"}, "list a folder");
  }
  static_cast<void>(own.release());
  std::vector<std::string> names;
  errno = 0;
  while (const dirent* entry = ::readdir(stream.get())) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") {
      names.emplace_back(name);
    }
    errno = 0;
  }
  if (errno != 0) {
    throw Error({.code = errno, .call = "readdir"}, "list a folder");
  }
  return names;
}

void remove_tree(int folder, const std::string& name) {
  const rootfs::RootFd root(
      must(sys::open_at(folder, ".", O_PATH | O_DIRECTORY), "remove " + name));
  must(root.remove_tree(name), "remove " + name);
}

}  // namespace docker_cpp::images
