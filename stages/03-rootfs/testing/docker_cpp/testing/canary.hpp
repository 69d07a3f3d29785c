// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>

namespace docker_cpp::testing {

/// A tree of the host that nothing may touch: every attribute of every entry
/// is remembered, and compared afterwards.
class Canary {
 public:
  /// Makes the tree at `path`, which must not exist. It has entries by the
  /// names that a container engine writes to.
  explicit Canary(const std::filesystem::path& path) : path_(path) {
    namespace fs = std::filesystem;
    for (const char* folder : {"proc/self/attr", "sys/fs/cgroup", "dev/pts",
                               "dev/shm", "dev/mqueue", "etc", "empty"}) {
      fs::create_directories(path_ / folder);
    }
    for (const char* file :
         {"secret", "etc/passwd", "etc/hosts", "proc/kcore", "dev/console",
          "dev/null", "dev/ptmx", "proc/self/attr/exec", "etc/resolv.conf"}) {
      std::ofstream(path_ / file) << "canary\n";
    }
    fs::create_symlink("/secret", path_ / "link");
    ::mkfifo((path_ / "fifo").c_str(), 0600);
    ::chmod((path_ / "secret").c_str(), 0640);
    ::chmod((path_ / "empty").c_str(), 0);
    before_ = snapshot(path_);
  }

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

  /// What differs, one entry per line; empty: nothing was touched.
  [[nodiscard]] std::string changes() const {
    return difference(before_, snapshot(path_));
  }

  using Snapshot = std::map<std::string, std::string>;

  static Snapshot snapshot(const std::filesystem::path& path) {
    Snapshot all;
    all["."] = describe(path);
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(path)) {
      all[entry.path().string()] = describe(entry.path());
    }
    return all;
  }

  static std::string difference(const Snapshot& before, const Snapshot& after) {
    std::string text;
    for (const auto& [name, facts] : before) {
      const auto now = after.find(name);
      if (now == after.end()) {
        text += "gone: " + name + "\n";
      } else if (now->second != facts) {
        text += "changed: " + name + ": " + facts + " -> " + now->second + "\n";
      }
    }
    for (const auto& [name, facts] : after) {
      if (!before.contains(name)) {
        text += "new: " + name + "\n";
      }
    }
    return text;
  }

 private:
  static std::string describe(const std::filesystem::path& path) {
    struct stat info{};
    ::lstat(path.c_str(), &info);
    std::ostringstream facts;
    facts << std::oct << info.st_mode << std::dec << ' ' << info.st_uid << ':'
          << info.st_gid << " dev " << info.st_dev << " ino " << info.st_ino
          << " links " << info.st_nlink << " rdev " << info.st_rdev << " size "
          << info.st_size << " mtime " << info.st_mtim.tv_sec << '.'
          << info.st_mtim.tv_nsec << " ctime " << info.st_ctim.tv_sec << '.'
          << info.st_ctim.tv_nsec;
    char names[4096];
    const ssize_t length = ::llistxattr(path.c_str(), names, sizeof names);
    if (length > 0) {
      facts << " xattr " << std::string(names, static_cast<size_t>(length));
    }
    if (S_ISLNK(info.st_mode)) {
      facts << " -> " << std::filesystem::read_symlink(path).string();
    } else if (S_ISREG(info.st_mode)) {
      // The access time is part of the picture, so looking must not change it.
      const int fd = ::open(path.c_str(), O_RDONLY | O_NOATIME | O_CLOEXEC);
      char content[256];
      const ssize_t got = ::read(fd, content, sizeof content);
      ::close(fd);
      facts << " atime " << info.st_atim.tv_sec << '.' << info.st_atim.tv_nsec
            << " holds " << std::string(content, got > 0 ? size_t(got) : 0);
    }
    return facts.str();
  }

  std::filesystem::path path_;
  Snapshot before_;
};

}  // namespace docker_cpp::testing
