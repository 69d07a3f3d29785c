// SPDX-License-Identifier: Apache-2.0
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "docker_cpp/oci/notify.hpp"

namespace docker_cpp::oci {

sys::Result<void> NotifyingFilter::in_child() const noexcept {
  const sock_fprog program{.len = static_cast<unsigned short>(program_.size()),
                           .filter = const_cast<sock_filter*>(program_.data())};
  const long handle =
      ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags_, &program);
  *handle_ = static_cast<int>(handle);
  return sys::check_void(handle, "seccomp");
}

}  // namespace docker_cpp::oci
