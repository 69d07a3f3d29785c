// SPDX-License-Identifier: Apache-2.0
#include "folders.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <memory>

#include "docker_cpp/rootfs/root_fd.hpp"
#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::daemon {

void make_folder(const std::string& path, unsigned mode) {
  if (::mkdir(path.c_str(), mode) == -1 && errno != EEXIST) {
    throw Error({.code = errno, .call = "mkdir"}, "make the folder " + path);
  }
}

sys::UniqueFd open_folder(const std::string& path) {
  return must(sys::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW),
              "open the folder " + path);
}

void write_file(const std::string& path, std::string_view content,
                unsigned mode) {
  const auto file = must(
      sys::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, mode),
      "write " + path);
  must(sys::write_all(file.get(), content), "write " + path);
}

void remove_folder(const std::string& path) {
  const auto folder = rootfs::RootFd::of(path);
  if (!folder) {
    if (folder.error().code == ENOENT) {
      return;
    }
    throw Error(folder.error(), "remove the folder " + path);
  }
  must(folder->remove_tree("/"), "remove what is in " + path);
  if (::rmdir(path.c_str()) == -1 && errno != ENOENT) {
    throw Error({.code = errno, .call = "rmdir"}, "remove the folder " + path);
  }
}

std::vector<std::string> names_in(const std::string& folder) {
  struct Close {
    void operator()(DIR* dir) const noexcept { ::closedir(dir); }
  };
  std::vector<std::string> names;
  const std::unique_ptr<DIR, Close> dir(::opendir(folder.c_str()));
  while (const dirent* one = dir ? ::readdir(dir.get()) : nullptr) {
    const std::string name = one->d_name;
    if (name != "." && name != "..") {
      names.push_back(name);
    }
  }
  return names;
}

bool is_id(std::string_view name) {
  return name.size() == 64 &&
         name.find_first_not_of("0123456789abcdef") == name.npos;
}

}  // namespace docker_cpp::daemon
