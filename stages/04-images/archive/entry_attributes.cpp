// SPDX-License-Identifier: Apache-2.0
#include "entry_attributes.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <array>

#include "docker_cpp/sys/error.hpp"

namespace docker_cpp::images {
namespace {

/// An archive may set what belongs to the file. Not trusted.*, which steers
/// overlayfs (a planted trusted.overlay.redirect leads out of the image), nor
/// its unprivileged twin, nor labels of the host's security modules.
bool is_allowed(std::string_view name) {
  return name == "security.capability" || name == "system.posix_acl_access" ||
         name == "system.posix_acl_default" ||
         (name.starts_with("user.") && !name.starts_with("user.overlay."));
}

uid_t uid_for(const TarEntry& entry, const OwnerRule& owner) {
  return owner.from == OwnerRule::From::given ? owner.uid : entry.uid;
}

gid_t gid_for(const TarEntry& entry, const OwnerRule& owner) {
  return owner.from == OwnerRule::From::given ? owner.gid : entry.gid;
}

}  // namespace

void set_attributes(int file, const TarEntry& entry, const OwnerRule& owner) {
  const std::string doing = "entry '" + entry.name + "'";
  if (owner.from != OwnerRule::From::nobody) {
    must(sys::check_void(
             ::fchown(file, uid_for(entry, owner), gid_for(entry, owner)),
             "fchown"),
         doing);
  }
  for (const auto& [name, value] : entry.attributes) {
    if (is_allowed(name) &&
        ::fsetxattr(file, name.c_str(), value.data(), value.size(), 0) == -1 &&
        errno != ENOTSUP &&
        (errno != EPERM || owner.from != OwnerRule::From::nobody)) {
      throw Error({.code = errno, .call = "fsetxattr"},
                  doing + ": attribute " + name);
    }
  }
  must(sys::check_void(::fchmod(file, entry.permissions), "fchmod"), doing);
}

void set_link_attributes(int parent, const std::string& leaf,
                         const TarEntry& entry, const OwnerRule& owner) {
  const std::string doing = "entry '" + entry.name + "'";
  if (owner.from != OwnerRule::From::nobody) {
    must(sys::check_void(::fchownat(parent, leaf.c_str(), uid_for(entry, owner),
                                    gid_for(entry, owner), AT_SYMLINK_NOFOLLOW),
                         "fchownat"),
         doing);
  }
  const std::array times = {entry.modified, entry.modified};
  must(sys::check_void(
           ::utimensat(parent, leaf.c_str(), times.data(), AT_SYMLINK_NOFOLLOW),
           "utimensat"),
       doing);
}

}  // namespace docker_cpp::images
