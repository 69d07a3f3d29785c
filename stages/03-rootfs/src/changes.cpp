// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/rootfs/changes.hpp"

#include <fcntl.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "docker_cpp/sys/error.hpp"

namespace docker_cpp::rootfs {
namespace {

bool is_whiteout(const struct stat& info) {
  return S_ISCHR(info.st_mode) && info.st_rdev == makedev(0, 0);
}

bool is_opaque(const RootFd& upper, const std::string& path) {
  const auto folder = upper.open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  std::array<char, 4> value{};
  return folder &&
         ::fgetxattr(folder->get(), "trusted.overlay.opaque", value.data(),
                     value.size()) == 1 &&
         value[0] == 'y';
}

/// As Docker compares folders; a file in the upper directory has changed.
bool looks_the_same(const struct stat& a, const struct stat& b) {
  return a.st_mode == b.st_mode && a.st_uid == b.st_uid &&
         a.st_gid == b.st_gid && a.st_mtim.tv_sec == b.st_mtim.tv_sec &&
         a.st_mtim.tv_nsec == b.st_mtim.tv_nsec;
}

class Comparison {
 public:
  Comparison(const RootFd& upper, const RootFd& lower)
      : upper_(upper), lower_(lower) {}

  std::vector<Change> run() {
    compare_folder("", Lower::there);
    std::ranges::sort(changes_, {}, &Change::path);
    return std::move(changes_);
  }

 private:
  enum class Lower : std::uint8_t { there, missing };

  void compare_folder(const std::string& folder, Lower lower) {
    for (const std::string& name :
         must(upper_.list(folder.empty() ? "/" : folder), "list " + folder)) {
      compare(folder, folder + "/" + name, lower);
    }
  }

  void compare(const std::string& folder, const std::string& path,
               Lower lower_folder) {
    const auto info = upper_.stat(path);
    if (!info) {
      return;  // gone meanwhile
    }
    const auto below =
        lower_folder == Lower::there
            ? lower_.stat(path)
            : sys::Result<struct stat>(std::unexpected(
                  sys::SysError{.code = ENOENT, .call = "stat"}));
    if (is_whiteout(*info)) {
      if (below) {
        add(Change::Kind::deleted, folder, path);
      }
      return;
    }
    if (!below) {
      add(Change::Kind::added, folder, path);
    } else if (!S_ISDIR(info->st_mode) || !S_ISDIR(below->st_mode) ||
               !looks_the_same(*info, *below)) {
      note(Change::Kind::modified, path);
    }
    if (S_ISDIR(info->st_mode)) {
      const bool merges = below && S_ISDIR(below->st_mode);
      const bool opaque = merges && is_opaque(upper_, path);
      if (opaque) {
        note_hidden(path);
      }
      compare_folder(path, merges && !opaque ? Lower::there : Lower::missing);
    }
  }

  /// A folder that was removed and made anew hides what is below it.
  void note_hidden(const std::string& path) {
    const auto names = lower_.list(path);
    for (const std::string& name :
         names ? *names : std::vector<std::string>()) {
      if (!upper_.exists(path + "/" + name)) {
        add(Change::Kind::deleted, path, path + "/" + name);
      }
    }
  }

  void add(Change::Kind kind, const std::string& folder,
           const std::string& path) {
    if (!folder.empty() && !noted_.contains(folder)) {
      note(Change::Kind::modified, folder);
    }
    note(kind, path);
  }

  void note(Change::Kind kind, const std::string& path) {
    if (noted_.insert(path).second) {
      changes_.push_back({.kind = kind, .path = path});
    }
  }

  const RootFd& upper_;
  const RootFd& lower_;
  std::vector<Change> changes_;
  std::set<std::string> noted_;
};

/// A path that one layer made another may have taken away again, so each is
/// looked up at the bottom and at the top.
class NetChanges {
 public:
  NetChanges(const RootFd& merged, const RootFd& lower)
      : merged_(merged), lower_(lower) {}

  std::vector<Change> of(const std::vector<std::vector<Change>>& steps) {
    for (const std::vector<Change>& step : steps) {
      for (const Change& change : step) {
        said_.insert(change.path);
        if (change.kind == Change::Kind::deleted) {
          add_below(change.path);
        }
      }
    }
    std::vector<Change> all;
    for (const std::string& path : said_) {
      compare(path, all);
    }
    return all;
  }

 private:
  /// Of a folder that is made anew later, what was in it is gone all the same.
  void add_below(const std::string& path) {
    const auto info = lower_.stat(path);
    const auto names = info && S_ISDIR(info->st_mode)
                           ? lower_.list(path)
                           : sys::Result<std::vector<std::string>>();
    for (const std::string& name :
         names ? *names : std::vector<std::string>()) {
      said_.insert(path + "/" + name);
      add_below(path + "/" + name);
    }
  }

  void compare(const std::string& path, std::vector<Change>& all) const {
    const bool before = lower_.stat(path).has_value();
    const bool after = merged_.stat(path).has_value();
    const std::string folder = path.substr(0, path.rfind('/'));
    if (after) {
      all.push_back(
          {.kind = before ? Change::Kind::modified : Change::Kind::added,
           .path = path});
    } else if (before && (folder.empty() || merged_.stat(folder))) {
      all.push_back({.kind = Change::Kind::deleted, .path = path});
    }
  }

  const RootFd& merged_;
  const RootFd& lower_;
  std::set<std::string> said_;
};

using Inodes = std::set<std::pair<dev_t, ino_t>>;

std::int64_t size_below(const RootFd& tree, const std::string& folder,
                        Inodes& seen) {
  std::int64_t size = 0;
  const auto names = tree.list(folder);
  for (const std::string& name : names ? *names : std::vector<std::string>()) {
    const std::string path = (folder == "/" ? "" : folder) + "/" + name;
    const auto info = tree.stat(path);
    if (!info) {
      continue;
    }
    if (S_ISDIR(info->st_mode)) {
      size += size_below(tree, path, seen);
    } else if (S_ISREG(info->st_mode) &&
               (info->st_nlink == 1 ||
                seen.insert({info->st_dev, info->st_ino}).second)) {
      size += info->st_size;
    }
  }
  return size;
}

}  // namespace

std::vector<Change> overlay_changes(const RootFd& upper, const RootFd& lower) {
  return Comparison(upper, lower).run();
}

std::vector<Change> net_changes(const std::vector<std::vector<Change>>& steps,
                                const RootFd& merged, const RootFd& lower) {
  return NetChanges(merged, lower).of(steps);
}

std::int64_t tree_size(const RootFd& tree) {
  Inodes seen;
  return size_below(tree, "/", seen);
}

}  // namespace docker_cpp::rootfs
