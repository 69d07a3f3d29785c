// SPDX-License-Identifier: Apache-2.0
#include "mount_places.hpp"

#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>

#include "docker_cpp/sys/error.hpp"

namespace docker_cpp::daemon {
namespace {

/// The folder that a path leads to, links followed, seen from the root.
std::string place_of(int folder) {
  std::array<char, PATH_MAX> path{};
  const std::string link = "/proc/self/fd/" + std::to_string(folder);
  const ssize_t length = ::readlink(link.c_str(), path.data(), path.size());
  return length <= 0
             ? ""
             : std::string(path.data(), static_cast<std::size_t>(length));
}

/// The longest beginning of the path that is a folder of the root, as the
/// kernel names it, and what is left of the path.
std::pair<std::string, std::string> split_at_missing(const rootfs::RootFd& root,
                                                     const std::string& path) {
  const auto top = root.open("/", O_PATH | O_DIRECTORY);
  const std::string base = top ? place_of(top->get()) : "/";
  for (std::size_t end = path.size();;) {
    const auto folder =
        root.open("/" + path.substr(0, end), O_PATH | O_DIRECTORY);
    if (folder) {
      std::string inside = place_of(folder->get());
      if (base != "/" && inside.starts_with(base)) {
        inside.erase(0, base.size());
      }
      return {inside.empty() ? "/" : inside,
              end >= path.size() ? "" : path.substr(end + 1)};
    }
    const std::size_t slash = path.rfind('/', end == 0 ? 0 : end - 1);
    if (slash == std::string::npos || slash == 0) {
      end = 0;
      if (slash == std::string::npos) {
        return {"/", path};
      }
      return {"/", path.substr(1)};
    }
    end = slash;
  }
}

}  // namespace

std::vector<MountPlace> default_places() {
  return {{.path = "/dev"},
          {.path = "/proc"},
          {.path = "/sys"},
          {.path = "/etc/hostname", .folder = false},
          {.path = "/etc/hosts", .folder = false},
          {.path = "/etc/resolv.conf", .folder = false}};
}

void copy_attributes(const rootfs::RootFd& from, const std::string& path,
                     const rootfs::RootFd& into, const std::string& target) {
  const auto status =
      must(from.stat(path, rootfs::Links::follow), "look at " + path);
  const auto folder =
      must(into.open(target, O_RDONLY | O_DIRECTORY), "open " + target);
  const std::string doing = "set the attributes of " + target;
  must(sys::check_void(::fchown(folder.get(), status.st_uid, status.st_gid),
                       "fchown"),
       doing);
  must(
      sys::check_void(::fchmod(folder.get(), status.st_mode & 07777), "fchmod"),
      doing);
  const std::array times = {status.st_mtim, status.st_mtim};
  must(sys::check_void(::futimens(folder.get(), times.data()), "futimens"),
       doing);
}

void add_place(const rootfs::RootFd& root, const rootfs::RootFd& layer,
               const MountPlace& place) {
  if (root.exists(place.path)) {
    return;
  }
  const auto [folder, missing] = split_at_missing(root, place.path);
  if (missing.empty()) {
    return;
  }
  const std::string inside = folder == "/" ? "" : folder;
  const std::string path = inside + "/" + missing;
  const std::string doing = "make a place to mount at " + place.path;
  must(layer.make_directories(inside.empty() ? "/" : inside), doing);
  if (place.folder) {
    must(layer.make_directories(path), doing);
  } else {
    must(layer.make_file(path, 0644), doing);
  }
  for (std::size_t slash = inside.size(); slash != 0 && !inside.empty();
       slash = inside.rfind('/', slash - 1)) {
    const std::string one = inside.substr(0, slash);
    copy_attributes(root, one, layer, one);
    if (slash == 0) {
      break;
    }
  }
}

}  // namespace docker_cpp::daemon
