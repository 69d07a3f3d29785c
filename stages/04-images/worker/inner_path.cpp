// SPDX-License-Identifier: Apache-2.0
#include "inner_path.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <cstdint>
#include <cstdio>
#include <ctime>
#include <deque>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

namespace docker_cpp::images {
namespace {

constexpr int most_links = 40;  // as many as the kernel follows

std::vector<std::string> parts_of(std::string_view path) {
  std::vector<std::string> parts;
  while (!path.empty()) {
    const std::size_t slash = std::min(path.find('/'), path.size());
    if (slash != 0) {
      parts.emplace_back(path.substr(0, slash));
    }
    path.remove_prefix(std::min(slash + 1, path.size()));
  }
  return parts;
}

std::string joined(const std::vector<std::string>& parts) {
  std::string path;
  for (const std::string& part : parts) {
    path += "/" + part;
  }
  return path.empty() ? "/" : path;
}

/// Where a link leads, for people to read: nothing is opened by this. What is
/// missing stays as it is written.
std::string resolved(const rootfs::RootFd& root, const std::string& path) {
  std::vector<std::string> done;
  const auto first = parts_of(path);
  std::deque<std::string> left(first.begin(), first.end());
  int links = 0;
  while (!left.empty()) {
    const std::string part = std::move(left.front());
    left.pop_front();
    if (part == ".") {
      continue;
    }
    if (part == "..") {
      if (!done.empty()) {
        done.pop_back();
      }
      continue;
    }
    done.push_back(part);
    const auto target = root.read_link(joined(done));
    if (!target || ++links > most_links) {
      continue;
    }
    done.pop_back();
    if (target->starts_with('/')) {
      done.clear();
    }
    const auto more = parts_of(*target);
    left.insert(left.begin(), more.begin(), more.end());
  }
  return joined(done);
}

/// Go's fs.FileMode, which Docker's API speaks.
std::uint32_t go_mode(mode_t mode) {
  const auto bit = [](unsigned at) {
    return std::uint32_t{1} << at;
  };
  std::uint32_t out = mode & 0777;
  out |= (mode & S_ISUID) != 0 ? bit(23) : 0;
  out |= (mode & S_ISGID) != 0 ? bit(22) : 0;
  out |= (mode & S_ISVTX) != 0 ? bit(20) : 0;
  switch (mode & S_IFMT) {
    case S_IFDIR:
      return out | bit(31);
    case S_IFLNK:
      return out | bit(27);
    case S_IFBLK:
      return out | bit(26);
    case S_IFCHR:
      return out | bit(26) | bit(21);
    case S_IFIFO:
      return out | bit(25);
    case S_IFSOCK:
      return out | bit(24);
    default:
      return out;
  }
}

/// RFC 3339 with as many digits as there are.
std::string time_text(const timespec& time) {
  std::tm parts{};
  ::gmtime_r(&time.tv_sec, &parts);
  char day[40];
  std::strftime(day, sizeof day, "%Y-%m-%dT%H:%M:%S", &parts);
  std::string text = day;
  if (time.tv_nsec != 0) {
    char fraction[16];
    static_cast<void>(
        std::snprintf(fraction, sizeof fraction, ".%09ld", time.tv_nsec));
    text += fraction;
    text.erase(text.find_last_not_of('0') + 1);
  }
  return text + "Z";
}

}  // namespace

InnerPath::InnerPath(std::string_view text) {
  std::vector<std::string> parts;
  for (std::string& part : parts_of(text)) {
    if (part == "..") {
      if (!parts.empty()) {
        parts.pop_back();
      }
    } else if (part != ".") {
      parts.push_back(std::move(part));
    }
  }
  text_ = joined(parts);
  const bool dot = text == "." || text.ends_with("/.");
  followed_ = parts.empty() || dot || text.ends_with('/');
  if (parts.empty()) {
    name_ = "/";
  } else {
    name_ = dot ? "." : parts.back();
  }
}

sys::Result<rootfs::RootFd::Entry> InnerPath::open_in(
    const rootfs::RootFd& root) const {
  if (!followed_) {
    return root.entry(text_);
  }
  auto folder = root.open(text_, O_PATH | O_DIRECTORY);
  if (!folder) {
    return std::unexpected(folder.error());
  }
  return rootfs::RootFd::Entry{.folder = *std::move(folder), .name = "."};
}

sys::Result<nlohmann::json> look_at(const rootfs::RootFd& root,
                                    const InnerPath& path) {
  const auto at = path.open_in(root);
  if (!at) {
    return std::unexpected(at.error());
  }
  struct stat info{};
  if (::fstatat(at->folder.get(), at->name.c_str(), &info,
                AT_SYMLINK_NOFOLLOW) == -1) {
    return sys::fail("fstatat");
  }
  const bool link = S_ISLNK(info.st_mode);
  return nlohmann::json{
      {"name", path.name()},
      {"size", info.st_size},
      {"mode", go_mode(info.st_mode)},
      {"mtime", time_text(info.st_mtim)},
      {"linkTarget", link ? resolved(root, path.text()) : ""}};
}

}  // namespace docker_cpp::images
