// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/security/apparmor.hpp"

#include <fcntl.h>

#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::security {

sys::Result<void> AppArmorProfile::in_child() const noexcept {
  auto file = sys::open("/proc/thread-self/attr/apparmor/exec", O_WRONLY);
  if (!file) {  // kernels before 5.1 have only the shared file
    file = sys::open("/proc/thread-self/attr/exec", O_WRONLY);
  }
  if (!file) {
    return std::unexpected(file.error());
  }
  return sys::write_all(file->get(), command_);
}

}  // namespace docker_cpp::security
