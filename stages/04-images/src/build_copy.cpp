// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/images/build_copy.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>

#include "tree_copy.hpp"

#include "docker_cpp/images/image_error.hpp"
#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::images {
namespace {

using dockerfile::clean_path;

[[noreturn]] void refuse(const std::string& sentence) {
  throw ImageError(ImageError::Reason::invalid, sentence);
}

/// Below the root, without slashes around it; "" is the root.
std::string inner(std::string_view path) {
  std::string clean = clean_path("/" + std::string(path));
  return clean.substr(1);
}

std::string base_name(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}

std::string folder_name(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? "" : path.substr(0, slash);
}

std::vector<std::string_view> components(std::string_view path) {
  std::vector<std::string_view> parts;
  while (!path.empty()) {
    const std::size_t slash = std::min(path.find('/'), path.size());
    parts.push_back(path.substr(0, slash));
    path.remove_prefix(std::min(slash + 1, path.size()));
  }
  return parts;
}

/// Names below `at` that match the components from `level` on, sorted.
void match_names(const rootfs::RootFd& root, const std::string& at,
                 const std::vector<std::string_view>& parts, std::size_t level,
                 std::vector<std::string>& found) {
  const auto glob =
      dockerfile::Glob::parse(parts[level], dockerfile::GlobKind::path);
  if (!glob) {
    refuse(glob.error());
  }
  auto names = root.list("/" + at);
  if (!names) {
    return;
  }
  std::ranges::sort(*names);
  for (const std::string& name : *names) {
    if (!glob->matches(name)) {
      continue;
    }
    const std::string path = at.empty() ? name : at + "/" + name;
    if (level + 1 == parts.size()) {
      found.push_back(path);
    } else {
      match_names(root, path, parts, level + 1, found);
    }
  }
}

}  // namespace

void CopySource::add(std::string_view pattern, const CopyRules& rules) {
  // `a/./b` with --parents: what stands before the dot is not kept.
  std::string pivot;
  if (const std::size_t dot = pattern.find("/./");
      rules.parents && dot != std::string_view::npos) {
    pivot = inner(pattern.substr(0, dot));
  }
  // A leading slash means the root of the context, and `..` has no meaning
  // above it; from a context it is refused, for it is never what was meant.
  if (!rules.keep_owner && clean_path(pattern).starts_with("..")) {
    refuse("forbidden path outside the build context: " + std::string(pattern) +
           " ()");
  }
  const std::string path = inner(pattern);
  if (dockerfile::has_wildcard(path)) {
    add_matches(path, pivot, rules);
  } else {
    add_path(path, pivot, rules);
  }
}

void CopySource::add_matches(std::string_view pattern, const std::string& pivot,
                             const CopyRules& rules) {
  std::vector<std::string> paths;
  match_names(root_, "", components(pattern), 0, paths);
  if (paths.empty()) {
    refuse("no source files were specified");
  }
  for (const std::string& path : paths) {
    add_path(path, pivot, rules);
  }
}

void CopySource::add_path(const std::string& path, const std::string& pivot,
                          const CopyRules& rules) {
  struct stat status{};
  const auto found = root_.stat("/" + path, rootfs::Links::follow);
  if (!found) {
    refuse(
        "file not found in build context or excluded by .dockerignore: "
        "stat " +
        path + ": file does not exist");
  }
  status = *found;
  if (rules.exclude.excludes(path) && !S_ISDIR(status.st_mode)) {
    return;
  }
  Found one{.path = path, .parent = {}};
  if (rules.parents) {
    std::string rest = path;
    if (!pivot.empty() && rest.starts_with(pivot + "/")) {
      rest.erase(0, pivot.size() + 1);
    }
    one.parent = S_ISDIR(status.st_mode) ? rest : folder_name(rest);
  }
  found_.push_back(std::move(one));
}

bool CopySource::is_file(std::size_t at) const {
  const auto status = root_.stat("/" + found_[at].path, rootfs::Links::follow);
  return status && S_ISREG(status->st_mode);
}

Digest CopySource::digest(const CopyRules& rules) const {
  Hasher hasher;
  for (const Found& one : found_) {
    const TreeCopy tree(rules, one.path);
    hasher.update(one.parent + '\0' + base_name(one.path) + '\0');
    tree.hash(root_, "/" + one.path, hasher);
  }
  return hasher.finish();
}

void CopySource::copy(const rootfs::RootFd& into,
                      const std::string& destination,
                      const CopyRules& rules) const {
  const bool said_folder = destination.ends_with('/');
  const auto there = into.stat(destination, rootfs::Links::follow);
  const bool is_folder = there && S_ISDIR(there->st_mode);
  for (const Found& one : found_) {
    const auto status = must(root_.stat("/" + one.path, rootfs::Links::follow),
                             "look at " + one.path);
    const TreeCopy tree(rules, one.path);
    std::string target = destination;
    if (!one.parent.empty()) {
      target += "/" + one.parent;
    }
    if (S_ISDIR(status.st_mode)) {
      tree.copy_folder(root_, "/" + one.path, into, target);
      continue;
    }
    if (said_folder || is_folder || rules.parents || found_.size() > 1) {
      target += "/" + base_name(one.path);
    }
    tree.copy_file(root_, "/" + one.path, into, target);
  }
}

namespace {

/// One clause of a symbolic mode: "go+rX".
mode_t apply_clause(std::string_view clause, mode_t mode, bool is_folder,
                    std::string_view whole) {
  const auto bad = [&] {
    refuse("invalid chmod parameter: '" + std::string(whole) +
           "'. it should be octal string and between 0 and 07777");
  };
  mode_t who = 0;
  std::size_t at = 0;
  for (; at < clause.size(); ++at) {
    const std::size_t which = std::string_view("ugoa").find(clause[at]);
    if (which == std::string_view::npos) {
      break;
    }
    constexpr std::array<mode_t, 4> masks = {04700, 02070, 01007, 07777};
    who |= masks.at(which);
  }
  who = who == 0 ? 07777 : who;
  if (at == clause.size() ||
      std::string_view("+-=").find(clause[at]) == std::string_view::npos) {
    bad();
  }
  const char operation = clause[at++];
  mode_t bits = 0;
  for (; at < clause.size(); ++at) {
    switch (clause[at]) {
      case 'r':
        bits |= 0444;
        break;
      case 'w':
        bits |= 0222;
        break;
      case 'x':
        bits |= 0111;
        break;
      case 'X':
        bits |= is_folder || (mode & 0111) != 0 ? 0111 : 0;
        break;
      case 's':
        bits |= 06000;
        break;
      case 't':
        bits |= 01000;
        break;
      default:
        bad();
    }
  }
  bits &= who;
  return operation == '+'   ? mode | bits
         : operation == '-' ? mode & ~bits
                            : (mode & ~(who & 0777)) | bits;
}

}  // namespace

mode_t change_mode(std::string_view rule, mode_t mode) {
  if (rule.empty()) {
    return mode;
  }
  const mode_t kind = mode & S_IFMT;
  mode_t bits = mode & 07777;
  if (rule.find_first_not_of("01234567") == std::string_view::npos) {
    mode_t value = 0;
    for (const char digit : rule) {
      value = value * 8 + static_cast<mode_t>(digit - '0');
      if (value > 07777) {
        break;
      }
    }
    if (value > 07777) {
      refuse("invalid chmod parameter: '" + std::string(rule) +
             "'. it should be octal string and between 0 and 07777");
    }
    return kind | value;
  }
  for (std::string_view rest = rule; !rest.empty();) {
    const std::size_t comma = std::min(rest.find(','), rest.size());
    bits = apply_clause(rest.substr(0, comma), bits, S_ISDIR(kind), rule);
    rest.remove_prefix(std::min(comma + 1, rest.size()));
  }
  return kind | bits;
}

}  // namespace docker_cpp::images
