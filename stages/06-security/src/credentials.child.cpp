// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/security/credentials.hpp"

#include <linux/keyctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

namespace docker_cpp::security {

sys::Result<void> Credentials::in_child() const noexcept {
  ::umask(identity_.umask ? *identity_.umask : 022);
  // Without this, leaving uid 0 would empty the permitted set that
  // Capabilities is to choose from. execve(2) clears the flag.
  if (::prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) == -1) {
    return sys::fail("prctl PR_SET_KEEPCAPS");
  }
  // The kernel's own calls: the C library's would signal threads that a child
  // of clone does not have.
  const long shed = ::syscall(SYS_setgroups, identity_.groups.size(),
                              identity_.groups.data());
  // In a user namespace that an ordinary user has made, nobody may shed what
  // groups that user has, and nobody may gain any: user_namespaces(7).
  if (shed == -1 && !(errno == EPERM && identity_.groups.empty())) {
    return sys::fail("setgroups");
  }
  if (::syscall(SYS_setresgid, identity_.gid, identity_.gid, identity_.gid) ==
      -1) {
    return sys::fail("setresgid");
  }
  return sys::check_void(
      ::syscall(SYS_setresuid, identity_.uid, identity_.uid, identity_.uid),
      "setresuid");
}

sys::Result<void> NoNewPrivileges::in_child() const noexcept {
  return sys::check_void(::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0),
                         "prctl PR_SET_NO_NEW_PRIVS");
}

sys::Result<void> SessionKeyring::in_child() const noexcept {
  const long serial =
      ::syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, nullptr);
  if (serial == -1 && errno != ENOSYS && errno != EDQUOT) {
    return sys::fail("keyctl");
  }
  return {};  // a kernel without keyrings has none to hide
}

}  // namespace docker_cpp::security
