// SPDX-License-Identifier: Apache-2.0
// A mount target is a handle: opened once inside the root, made if missing,
// and never named again. Who exchanges directories and links meanwhile can
// only make this fail, or change which place of his own root is hit.
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <unistd.h>

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
    return failed(ENOTDIR, place);
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
  }
  if (!found) {
    return failed(found.error().code, place);
  }
  return found;
}

}  // namespace docker_cpp::rootfs
