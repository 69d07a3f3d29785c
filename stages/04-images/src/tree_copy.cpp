// SPDX-License-Identifier: Apache-2.0
#include "tree_copy.hpp"

#include <fcntl.h>
#include <sys/sendfile.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "build_files.hpp"
#include "files.hpp"

#include "docker_cpp/images/image_error.hpp"
#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::images {
namespace {

constexpr std::size_t block = std::size_t{1} << 30;

struct stat look(int folder, const std::string& name) {
  struct stat status{};
  must(sys::check_void(
           ::fstatat(folder, name.c_str(), &status, AT_SYMLINK_NOFOLLOW),
           "fstatat"),
       "look at " + name);
  return status;
}

sys::UniqueFd open_folder_at(int folder, const std::string& name) {
  return must(
      sys::open_at(folder, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW),
      "open " + name);
}

std::string link_target(int folder, const std::string& name) {
  std::array<char, 4096> target{};
  const ssize_t length =
      must(sys::check(
               ::readlinkat(folder, name.c_str(), target.data(), target.size()),
               "readlinkat"),
           "read the link " + name);
  return {target.data(), static_cast<std::size_t>(length)};
}

std::vector<std::string> sorted_names(int folder) {
  std::vector<std::string> names = list_folder(folder);
  std::ranges::sort(names);
  return names;
}

std::string below(const std::string& path, const std::string& name) {
  return path.empty() ? name : path + "/" + name;
}

/// The one attribute of a file that changes what a program may do.
std::string capability_of(int file) {
  std::array<char, 64> value{};
  const ssize_t size =
      ::fgetxattr(file, "security.capability", value.data(), value.size());
  return size <= 0 ? ""
                   : std::string(value.data(), static_cast<std::size_t>(size));
}

}  // namespace

bool TreeCopy::is_excluded(const std::string& path) const {
  return !rules_.exclude.empty() &&
         (rules_.exclude.excludes(below(base_, path)) ||
          rules_.exclude.excludes(path));
}

rootfs::Owner TreeCopy::owner_of(const struct stat& status) const {
  if (rules_.owner) {
    return *rules_.owner;
  }
  return rules_.keep_owner
             ? rootfs::Owner{.uid = status.st_uid, .gid = status.st_gid}
             : rootfs::Owner{};
}

void TreeCopy::hash(const rootfs::RootFd& from, const std::string& path,
                    Hasher& into) const {
  const auto status =
      must(from.stat(path, rootfs::Links::follow), "look at " + path);
  if (S_ISDIR(status.st_mode)) {
    const auto folder =
        must(from.open(path, O_RDONLY | O_DIRECTORY), "open " + path);
    into.update("d" + std::to_string(status.st_mode) + '\0');
    hash_folder(folder.get(), "", into);
    return;
  }
  const auto file = must(from.open_regular(path), "open " + path);
  const rootfs::Owner owner = owner_of(status);
  into.update("f" + std::to_string(status.st_mode) + ":" +
              std::to_string(owner.uid) + ":" + std::to_string(owner.gid) +
              capability_of(file.get()) + '\0');
  into.update(must(digest_of_file(file.get()), "read " + path).text());
}

void TreeCopy::hash_folder(int folder, const std::string& path,
                           Hasher& into) const {
  for (const std::string& name : sorted_names(folder)) {
    hash_entry(folder, name, below(path, name), into);
  }
}

void TreeCopy::hash_entry(int folder, const std::string& name,
                          const std::string& path, Hasher& into) const {
  const struct stat status = look(folder, name);
  const bool excluded = is_excluded(path);
  if (S_ISDIR(status.st_mode)) {
    if (!excluded || rules_.exclude.has_exceptions()) {
      into.update("d" + path + '\0' + std::to_string(status.st_mode) + '\0');
      hash_folder(open_folder_at(folder, name).get(), path, into);
    }
    return;
  }
  if (excluded) {
    return;
  }
  const rootfs::Owner owner = owner_of(status);
  into.update("e" + path + '\0' + std::to_string(status.st_mode) + ":" +
              std::to_string(owner.uid) + ":" + std::to_string(owner.gid) +
              ":" + std::to_string(status.st_rdev) + '\0');
  if (S_ISLNK(status.st_mode)) {
    into.update(link_target(folder, name) + '\0');
  } else if (S_ISREG(status.st_mode)) {
    const auto file =
        must(sys::open_at(folder, name.c_str(), O_RDONLY | O_NOFOLLOW),
             "open " + path);
    into.update(capability_of(file.get()) + '\0');
    into.update(must(digest_of_file(file.get()), "read " + path).text());
  }
}

/// Owner before mode, for chown(2) takes set-id bits away.
void TreeCopy::set_state(int from, int file, const struct stat& status) const {
  const rootfs::Owner owner = owner_of(status);
  must(sys::check_void(::fchown(file, owner.uid, owner.gid), "fchown"),
       "set the owner of a copy");
  must(sys::check_void(
           ::fchmod(file, change_mode(rules_.chmod, status.st_mode) & 07777),
           "fchmod"),
       "set the mode of a copy");
  const std::string capability = capability_of(from);
  if (!capability.empty()) {
    static_cast<void>(::fsetxattr(file, "security.capability",
                                  capability.data(), capability.size(), 0));
  }
  const std::array times = {status.st_mtim, status.st_mtim};
  must(sys::check_void(::futimens(file, times.data()), "futimens"),
       "set the time of a copy");
}

/// Missing folders above a destination belong to who the copy belongs to.
void TreeCopy::make_parents(const rootfs::RootFd& into,
                            const std::string& folder) const {
  must(into.make_directories(folder, 0755,
                             rules_.owner.value_or(rootfs::Owner{})),
       "make the folder " + folder);
}

void TreeCopy::copy_folder(const rootfs::RootFd& from, const std::string& path,
                           const rootfs::RootFd& into,
                           const std::string& target) const {
  const auto source =
      must(from.open(path, O_RDONLY | O_DIRECTORY), "open " + path);
  const auto there = into.stat(target, rootfs::Links::follow);
  if (there && !S_ISDIR(there->st_mode)) {
    throw ImageError(
        ImageError::Reason::invalid,
        "cannot copy a folder to '" + target + "': it is a file there");
  }
  make_parents(into, target);
  const auto place = must(into.open(target, O_RDONLY | O_DIRECTORY),
                          "open the folder " + target);
  FirstNames links;
  copy_names({.from = source.get(),
              .into = place.get(),
              .path = "",
              .links = links,
              .top = place.get()});
  if (!there) {
    struct stat status{};
    must(sys::check_void(::fstat(source.get(), &status), "fstat"), path);
    set_state(source.get(), place.get(), status);
  }
}

void TreeCopy::copy_names(const Place& place) const {
  for (const std::string& name : sorted_names(place.from)) {
    copy_entry(place, name);
  }
}

void TreeCopy::copy_entry(const Place& place, const std::string& name) const {
  const struct stat status = look(place.from, name);
  const std::string path = below(place.path, name);
  const bool excluded = is_excluded(path);
  const bool is_folder = S_ISDIR(status.st_mode);
  if (excluded && !(is_folder && rules_.exclude.has_exceptions())) {
    return;
  }
  struct stat there{};
  const bool exists =
      ::fstatat(place.into, name.c_str(), &there, AT_SYMLINK_NOFOLLOW) == 0;
  if (exists && S_ISDIR(there.st_mode) && !is_folder) {
    throw ImageError(
        ImageError::Reason::invalid,
        "cannot overwrite directory \"" + path + "\" with non-directory");
  }
  if (exists && !S_ISDIR(there.st_mode)) {
    must(sys::check_void(::unlinkat(place.into, name.c_str(), 0), "unlinkat"),
         "replace " + path);
  }
  if (!is_folder) {
    copy_special(place, name, status);
    return;
  }
  const sys::UniqueFd from = open_folder_at(place.from, name);
  if (::mkdirat(place.into, name.c_str(), 0700) == -1 && errno != EEXIST) {
    throw Error({.code = errno, .call = "mkdirat"}, "make the folder " + path);
  }
  const sys::UniqueFd into = open_folder_at(place.into, name);
  copy_names({.from = from.get(),
              .into = into.get(),
              .path = path,
              .links = place.links,
              .top = place.top});
  set_state(from.get(), into.get(), status);
}

void TreeCopy::copy_special(const Place& place, const std::string& name,
                            const struct stat& status) const {
  const std::string path = below(place.path, name);
  const char* leaf = name.c_str();
  if (S_ISREG(status.st_mode)) {
    const auto inode = std::pair(status.st_dev, status.st_ino);
    const auto known = place.links.find(inode);
    if (status.st_nlink > 1 && known != place.links.end()) {
      must(sys::check_void(
               ::linkat(place.top, known->second.c_str(), place.into, leaf, 0),
               "linkat"),
           "link " + path);
      return;
    }
    place.links[inode] = path;
    const auto file = must(
        sys::open_at(place.from, leaf, O_RDONLY | O_NOFOLLOW), "open " + path);
    copy_bytes(file.get(), place.into, name, status);
    return;
  }
  if (S_ISLNK(status.st_mode)) {
    must(sys::check_void(::symlinkat(link_target(place.from, name).c_str(),
                                     place.into, leaf),
                         "symlinkat"),
         "make the link " + path);
  } else if (S_ISSOCK(status.st_mode)) {
    return;  // means nothing without its program
  } else {
    must(sys::check_void(
             ::mknodat(place.into, leaf, status.st_mode, status.st_rdev),
             "mknodat"),
         "make " + path);
  }
  const rootfs::Owner owner = owner_of(status);
  must(sys::check_void(::fchownat(place.into, leaf, owner.uid, owner.gid,
                                  AT_SYMLINK_NOFOLLOW),
                       "fchownat"),
       "set the owner of " + path);
  const std::array times = {status.st_mtim, status.st_mtim};
  must(sys::check_void(
           ::utimensat(place.into, leaf, times.data(), AT_SYMLINK_NOFOLLOW),
           "utimensat"),
       "set the time of " + path);
}

void TreeCopy::copy_bytes(int from, int folder, const std::string& name,
                          const struct stat& status) const {
  const sys::UniqueFd into =
      must(sys::open_at(folder, name.c_str(),
                        O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600),
           "make " + name);
  for (;;) {
    const ssize_t sent = must(
        sys::check(::sendfile(into.get(), from, nullptr, block), "sendfile"),
        "copy " + name);
    if (sent == 0) {
      break;
    }
  }
  set_state(from, into.get(), status);
}

void TreeCopy::copy_file(const rootfs::RootFd& from, const std::string& path,
                         const rootfs::RootFd& into,
                         const std::string& target) const {
  const auto file = must(from.open_regular(path), "open " + path);
  struct stat status{};
  must(sys::check_void(::fstat(file.get(), &status), "fstat"), path);
  const auto there = into.stat(target, rootfs::Links::follow);
  if (there && S_ISDIR(there->st_mode)) {
    throw ImageError(
        ImageError::Reason::invalid,
        "cannot overwrite directory \"" + target + "\" with non-directory");
  }
  make_parents(into, target.substr(0, target.rfind('/') + 1));
  const auto entry = must(into.entry(target), "find the folder of " + target);
  if (::unlinkat(entry.folder.get(), entry.name.c_str(), 0) == -1 &&
      errno != ENOENT) {
    throw Error({.code = errno, .call = "unlinkat"}, "replace " + target);
  }
  copy_bytes(file.get(), entry.folder.get(), entry.name, status);
}

}  // namespace docker_cpp::images
