// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <ostream>
#include <string>
#include <vector>

namespace docker_cpp::testing {

/// One way in which an image's /proc, /sys or /dev is not what it should be.
struct OddRoot {
  std::string name;
  std::string place;  ///< "proc", "sys", "dev"
  /// Makes `root/place` odd; `canary` is a tree of the host to point at.
  std::function<void(const std::filesystem::path& root,
                     const std::filesystem::path& canary)>
      build;
  /// A container must come out of it; else a container or a clear error.
  bool must_work = false;
};

inline void PrintTo(const OddRoot& odd, std::ostream* out) {
  *out << odd.name;
}

namespace detail {

using Path = std::filesystem::path;

inline void link_to(const Path& at, const Path& target) {
  std::filesystem::create_symlink(target, at);
}

/// Up beyond the root of the container and down to the canary.
inline Path climbing(const Path& canary) {
  return "../../../../../../../../.." + canary.string();
}

}  // namespace detail

/// The corpus: each oddity at each place.
inline std::vector<OddRoot> odd_roots() {
  using detail::Path;
  std::vector<OddRoot> all;
  for (const std::string place : {"proc", "sys", "dev"}) {
    const auto add = [&](const std::string& what, bool must_work, auto make) {
      all.push_back({.name = place + "_" + what,
                     .place = place,
                     .build =
                         [place, make](const Path& root, const Path& canary) {
                           make(root / place, canary);
                         },
                     .must_work = must_work});
    };
    add("missing", true, [](const Path&, const Path&) {});
    add("mode_000", true, [](const Path& at, const Path&) {
      std::filesystem::create_directory(at);
      ::chmod(at.c_str(), 0);
    });
    add("not_empty", true, [](const Path& at, const Path&) {
      std::filesystem::create_directories(at / "pts/0");
      std::ofstream(at / "null") << "not a device\n";
    });
    add("absolute_link", false, [](const Path& at, const Path& canary) {
      detail::link_to(at, canary);
    });
    add("climbing_link", false, [](const Path& at, const Path& canary) {
      detail::link_to(at, detail::climbing(canary));
    });
    add("link_loop", false, [](const Path& at, const Path&) {
      detail::link_to(at, at.filename());
    });
    add("link_to_root", false,
        [](const Path& at, const Path&) { detail::link_to(at, "/"); });
    add("link_inside", false, [](const Path& at, const Path&) {
      std::filesystem::create_directory(at.string() + "-real");
      detail::link_to(at, "/" + at.filename().string() + "-real");
    });
    add("file", false,
        [](const Path& at, const Path&) { std::ofstream(at) << "file\n"; });
    add("fifo", false,
        [](const Path& at, const Path&) { ::mkfifo(at.c_str(), 0666); });
    add("device", false, [](const Path& at, const Path&) {
      ::mknod(at.c_str(), S_IFCHR | 0666, makedev(1, 5));
    });
    add("children_are_links", false, [](const Path& at, const Path& canary) {
      std::filesystem::create_directory(at);
      for (const char* name : {"pts", "shm", "mqueue", "null", "console",
                               "ptmx", "fs", "self", "fd"}) {
        detail::link_to(at / name, canary / "secret");
      }
    });
  }
  return all;
}

}  // namespace docker_cpp::testing
