// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/security/seccomp.hpp"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace docker_cpp::security {

sys::Result<void> Seccomp::load() const noexcept {
  const sock_fprog program{.len = static_cast<unsigned short>(program_.size()),
                           .filter = const_cast<sock_filter*>(program_.data())};
  return sys::check_void(
      ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags_, &program),
      "seccomp");
}

sys::Result<void> Seccomp::in_child() const noexcept {
  return when_ == When::while_privileged ? load() : sys::Result<void>{};
}

sys::Result<void> Seccomp::at_exec() const noexcept {
  return when_ == When::at_exec ? load() : sys::Result<void>{};
}

}  // namespace docker_cpp::security
