// SPDX-License-Identifier: Apache-2.0
#include "files.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <memory>
#include <optional>
#include <utility>

#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/failpoint.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::images {
namespace {

constexpr int folder_flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW;
constexpr std::size_t most_open_folders = 32;

struct CloseDir {
  void operator()(DIR* stream) const { ::closedir(stream); }
};

/// Calls `visit` with each name in a folder until it returns false.
template <typename Visit>
void each_name(int folder, Visit visit) {
  // A new open file description: reading moves its position.
  sys::UniqueFd own =
      must(sys::open_at(folder, ".", folder_flags), "list a folder");
  const std::unique_ptr<DIR, CloseDir> stream(::fdopendir(own.get()));
  if (!stream) {
    throw Error({.code = errno, .call = "fdopendir"}, "list a folder");
  }
  static_cast<void>(own.release());
  errno = 0;
  while (const dirent* entry = ::readdir(stream.get())) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != ".." && !visit(entry->d_name)) {
      return;
    }
    errno = 0;
  }
  if (errno != 0) {
    throw Error({.code = errno, .call = "readdir"}, "list a folder");
  }
}

/// Deletes one entry; false when it is a folder that is not empty.
bool delete_entry(int folder, const char* name, std::string_view what) {
  if (::unlinkat(folder, name, 0) == 0 || errno == ENOENT) {
    return true;
  }
  if ((errno == EISDIR || errno == EPERM) &&
      ::unlinkat(folder, name, AT_REMOVEDIR) == 0) {
    return true;
  }
  if (errno != ENOTEMPTY && errno != EEXIST) {
    throw Error({.code = errno, .call = "unlinkat"},
                "remove " + std::string(what));
  }
  return false;
}

/// Deletes what a folder holds up to the first folder that is not empty: that
/// one's name comes back, to be entered.
std::optional<std::string> delete_files(int folder, std::string_view what) {
  std::optional<std::string> inner;
  each_name(folder, [&](const char* name) {
    if (!delete_entry(folder, name, what)) {
      inner = name;
    }
    return !inner;
  });
  return inner;
}

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
  std::vector<std::string> names;
  each_name(folder, [&](const char* name) {
    names.emplace_back(name);
    return true;
  });
  return names;
}

void remove_tree(int folder, const std::string& name) {
  if (::unlinkat(folder, name.c_str(), 0) == 0 || errno == ENOENT) {
    return;
  }
  if (errno != EISDIR && errno != EPERM) {
    throw Error({.code = errno, .call = "unlinkat"}, "remove " + name);
  }
  std::vector<std::pair<sys::UniqueFd, std::string>> way;  // folder, its name
  way.emplace_back(
      must(sys::open_at(folder, name.c_str(), folder_flags), "remove " + name),
      name);
  std::size_t moved = 0;
  while (!way.empty()) {
    const int here = way.back().first.get();
    const std::optional<std::string> inner = delete_files(here, name);
    if (!inner) {
      const std::string done = way.back().second;
      way.pop_back();
      const int above = way.empty() ? folder : way.back().first.get();
      must(sys::check_void(::unlinkat(above, done.c_str(), AT_REMOVEDIR),
                           "unlinkat"),
           "remove " + name);
    } else if (way.size() < most_open_folders) {
      way.emplace_back(must(sys::open_at(here, inner->c_str(), folder_flags),
                            "remove " + name),
                       *inner);
    } else {
      // Too deep: hang it up at the top, where its turn will come.
      const std::string top = "deep-" + std::to_string(moved++);
      must(sys::check_void(
               ::renameat2(here, inner->c_str(), way.front().first.get(),
                           top.c_str(), RENAME_NOREPLACE),
               "renameat2"),
           "remove " + name);
    }
  }
}

}  // namespace docker_cpp::images
