// SPDX-License-Identifier: Apache-2.0
#include "build_files.hpp"

#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <functional>

#include "files.hpp"

#include "docker_cpp/images/digest.hpp"
#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::images {
namespace {

constexpr int deepest = 800;  ///< each level is a descriptor

using Visit = std::function<void(int folder, const std::string& name,
                                 const struct stat& status)>;

/// Each entry after what is in it, so that a visit may change times.
void walk(int folder, const Visit& visit, int depth = 0) {
  if (depth > deepest) {
    throw Error({.code = ELOOP, .call = "open"},
                "walk through a tree of more than 800 levels");
  }
  for (const std::string& name : list_folder(folder)) {
    struct stat status{};
    must(sys::check_void(
             ::fstatat(folder, name.c_str(), &status, AT_SYMLINK_NOFOLLOW),
             "fstatat"),
         "look at " + name);
    if (S_ISDIR(status.st_mode)) {
      const sys::UniqueFd below =
          must(sys::open_at(folder, name.c_str(),
                            O_RDONLY | O_DIRECTORY | O_NOFOLLOW),
               "open " + name);
      walk(below.get(), visit, depth + 1);
    }
    visit(folder, name, status);
  }
}

}  // namespace

std::string must_read_link(const std::string& path) {
  std::array<char, PATH_MAX> target{};
  const ssize_t length =
      must(sys::check(::readlink(path.c_str(), target.data(), target.size()),
                      "readlink"),
           "read the link " + path);
  return {target.data(), static_cast<std::size_t>(length)};
}

void copy_top(const std::string& from, int into) {
  struct stat status{};
  must(sys::check_void(::stat(from.c_str(), &status), "stat"),
       "look at the layer " + from);
  must(sys::check_void(::fchown(into, status.st_uid, status.st_gid), "fchown"),
       "begin a step");
  must(sys::check_void(::fchmod(into, status.st_mode & 07777), "fchmod"),
       "begin a step");
  const std::array times = {status.st_mtim, status.st_mtim};
  must(sys::check_void(::futimens(into, times.data()), "futimens"),
       "begin a step");
}

TreeSize measure(int tree) {
  TreeSize size;
  walk(tree, [&](int, const std::string&, const struct stat& status) {
    ++size.files;
    size.bytes += S_ISREG(status.st_mode) ? status.st_size : 0;
  });
  return size;
}

void limit_times(int tree, std::int64_t latest) {
  walk(tree, [&](int folder, const std::string& name, const struct stat& was) {
    if (was.st_mtim.tv_sec < latest) {
      return;
    }
    const timespec moment{.tv_sec = latest, .tv_nsec = 0};
    const std::array times = {moment, moment};
    must(sys::check_void(::utimensat(folder, name.c_str(), times.data(),
                                     AT_SYMLINK_NOFOLLOW),
                         "utimensat"),
         "set the time of " + name);
  });
}

std::string chain_on(const std::string& parent, const std::string& diff_id) {
  return parent.empty() ? diff_id : Digest::of(parent + " " + diff_id).text();
}

}  // namespace docker_cpp::images
