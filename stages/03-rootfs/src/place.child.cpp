// SPDX-License-Identifier: Apache-2.0
// A mount target is a handle: opened once inside the root, made if missing,
// and never named again. Who exchanges directories and links meanwhile can
// only make this fail, or change which place of his own root is hit.
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include <climits>

#include "child_steps.hpp"

#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::rootfs {
namespace {

constexpr unsigned long in_root = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;

using Handle = sys::Result<sys::UniqueFd>;

std::unexpected<sys::SysError> failed(int code, const Place& place) noexcept {
  return std::unexpected(sys::SysError{.code = code, .call = place.doing});
}

int flags_of(const Place& place) noexcept {
  return place.want == Place::Want::file ? O_PATH : O_PATH | O_DIRECTORY;
}

/// Who mounts there replaces what the kernel says of processes.
bool is_in_proc(int fd) noexcept {
  struct statfs info{};
  return ::fstatfs(fd, &info) == 0 && info.f_type == PROC_SUPER_MAGIC;
}

bool same_directory(int one, int other) noexcept {
  struct stat first{};
  struct stat second{};
  return ::fstat(one, &first) == 0 && ::fstat(other, &second) == 0 &&
         first.st_dev == second.st_dev && first.st_ino == second.st_ino;
}

/// A link stands somewhere on the way. Followed inside the root, unless the
/// place must be an ordinary one, or turns out to be the root itself.
Handle open_through_links(int base, const Place& place) noexcept {
  if (place.want == Place::Want::ordinary_directory) {
    return std::unexpected(
        sys::SysError{.code = ENOTDIR, .call = place.not_ordinary});
  }
  // "dest-nofollow": what is mounted on is the link at the end, if it is one.
  const int flags = place.no_follow ? O_PATH | O_NOFOLLOW : flags_of(place);
  Handle found = sys::open_beneath(base, place.path, flags, 0, in_root);
  if (found && !place.may_be_root && same_directory(found->get(), base)) {
    return failed(EINVAL, place);
  }
  return found;
}

Handle open_existing(int base, const Place& place) noexcept {
  // Almost always there is no link on the way, and then this is all.
  Handle found = sys::open_beneath(base, place.path, flags_of(place), 0,
                                   in_root | RESOLVE_NO_SYMLINKS);
  if (!found && found.error().code == ELOOP) {
    return open_through_links(base, place);
  }
  return found;
}

/// The handle of the prefix at `index`; `folder` is that of the one before.
Handle open_or_make(int base, int folder, const Place& place,
                    std::size_t index) noexcept {
  const bool file =
      place.want == Place::Want::file && index + 1 == place.prefixes.size();
  Handle found =
      sys::open_beneath(base, place.prefixes[index],
                        file ? O_PATH : O_PATH | O_DIRECTORY, 0, in_root);
  if (found || found.error().code != ENOENT) {
    return found;
  }
  const char* name = place.names[index];
  if (file) {
    // Read-only: a mount with a file open for writing cannot be made
    // read-only, and the root may have to be.
    return sys::open_at(folder, name, O_RDONLY | O_CREAT | O_EXCL | O_NOFOLLOW,
                        0755);
  }
  if (::mkdirat(folder, name, 0755) == -1 && errno != EEXIST) {
    return sys::fail(place.doing);
  }
  return sys::open_at(folder, name, O_PATH | O_DIRECTORY | O_NOFOLLOW);
}

Handle make_place(int base, const Place& place) noexcept {
  Handle folder = sys::UniqueFd();
  for (std::size_t index = 0; index < place.prefixes.size(); ++index) {
    const int above = *folder ? folder->get() : base;
    Handle next = open_or_make(base, above, place, index);
    if (!next) {
      return next;
    }
    folder = std::move(next);
  }
  return folder;
}

/// A path in the making, in which links are replaced by what they say.
class LinkedPath {
 public:
  LinkedPath(int base, bool file) noexcept : base_(base), file_(file) {}

  Handle make(const char* path) noexcept {
    const std::size_t size = ::strlen(path);
    if (size >= sizeof path_) {
      return sys::UniqueFd();
    }
    ::memcpy(path_, path, size + 1);
    Handle folder = sys::UniqueFd();
    for (std::size_t begin = 0; path_[begin] != '\0';) {
      const std::size_t end = end_of(begin);
      const char kept = path_[end];
      const bool last = path_[end + (kept == '/' ? 1 : 0)] == '\0';
      path_[end] = '\0';
      Handle next = open(*folder ? folder->get() : base_, begin, last);
      path_[end] = kept;
      if (!next && next.error().code == EXDEV) {  // a link, taken in
        if (!take_link(begin, end)) {
          return sys::UniqueFd();
        }
        folder = sys::UniqueFd();
        begin = 0;
        continue;
      }
      if (!next || last) {
        return next;
      }
      folder = std::move(next);
      begin = end + 1;
    }
    return folder;
  }

 private:
  std::size_t end_of(std::size_t begin) const noexcept {
    while (path_[begin] != '\0' && path_[begin] != '/') {
      ++begin;
    }
    return begin;
  }

  /// The handle of the path so far, made if it is missing; EXDEV: its last
  /// name is a link that leads to nothing, and target_ where to.
  Handle open(int folder, std::size_t begin, bool last) noexcept {
    const bool file = file_ && last;
    Handle found =
        sys::open_beneath(base_, path_[0] == '\0' ? "." : path_,
                          file ? O_PATH : O_PATH | O_DIRECTORY, 0, in_root);
    if (found || found.error().code != ENOENT) {
      return found;
    }
    const char* name = path_ + begin;
    length_ = ::readlinkat(folder, name, target_, sizeof target_);
    if (length_ > 0) {
      return std::unexpected(sys::SysError{.code = EXDEV, .call = ""});
    }
    if (file) {
      return sys::open_at(folder, name,
                          O_RDONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0755);
    }
    if (::mkdirat(folder, name, 0755) == -1 && errno != EEXIST) {
      return sys::fail("mkdirat");
    }
    return sys::open_at(folder, name, O_PATH | O_DIRECTORY | O_NOFOLLOW);
  }

  /// The name between `begin` and `end` gives way to the link's target.
  bool take_link(std::size_t begin, std::size_t end) noexcept {
    constexpr int most = 40;  // as the kernel's MAXSYMLINKS
    const std::size_t kept = target_[0] == '/' ? 0 : begin;
    const auto length = static_cast<std::size_t>(length_);
    const std::size_t rest = ::strlen(path_ + end);
    if (++links_ > most || kept + length + rest >= sizeof path_) {
      return false;
    }
    ::memmove(path_ + kept + length, path_ + end, rest + 1);
    ::memcpy(path_ + kept, target_, length);
    return true;
  }

  int base_;
  bool file_;
  int links_ = 0;
  ssize_t length_ = 0;
  char path_[PATH_MAX];
  char target_[PATH_MAX];
};

/// A link on the way leads to nothing. What it should lead to is made, inside
/// the root: an image may say that /etc/resolv.conf is ../run/resolv.conf.
Handle make_through_links(int base, const Place& place,
                          Handle failure) noexcept {
  const int code = failure.error().code;
  const bool link = code == EEXIST || code == ELOOP || code == ENOTDIR;
  if (!link || place.want == Place::Want::ordinary_directory) {
    return failure;
  }
  LinkedPath path(base, place.want == Place::Want::file);
  Handle made = path.make(place.path);
  return made && !*made ? std::move(failure) : std::move(made);
}

/// Below a mount of our own that is still empty.
Handle make_fresh(int base, const Place& place) noexcept {
  if (place.want == Place::Want::file) {
    Handle made = sys::open_at(base, place.path,
                               O_RDONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0755);
    return made || made.error().code != EEXIST ? std::move(made)
                                               : open_existing(base, place);
  }
  if (::mkdirat(base, place.path, 0755) == -1 && errno != EEXIST) {
    return sys::fail(place.doing);
  }
  return sys::open_at(base, place.path, O_PATH | O_DIRECTORY | O_NOFOLLOW);
}

}  // namespace

sys::Result<sys::UniqueFd> open_place(const ChildSteps& steps,
                                      const Place& place) noexcept {
  const int base = steps.bases[place.base];
  Handle found = std::unexpected(sys::SysError{.code = ENOENT, .call = ""});
  if (place.fresh && place.prefixes.size() == 1) {
    found = make_fresh(base, place);
  } else {
    found = open_existing(base, place);
    if (!found && found.error().code == ENOENT) {
      found = make_place(base, place);
    }
    if (!found && found.error().code != ENOENT) {
      found = make_through_links(base, place, std::move(found));
    }
  }
  if (!found) {
    const bool told = place.not_ordinary != nullptr &&
                      found.error().call == place.not_ordinary;
    return told ? std::move(found) : failed(found.error().code, place);
  }
  if (place.inside_proc != nullptr && is_in_proc(found->get())) {
    return std::unexpected(
        sys::SysError{.code = EPERM, .call = place.inside_proc});
  }
  return found;
}

}  // namespace docker_cpp::rootfs
