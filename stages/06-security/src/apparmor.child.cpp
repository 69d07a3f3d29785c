// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/security/apparmor.hpp"

#include "docker_cpp/rootfs/procfs.hpp"

namespace docker_cpp::security {

sys::Result<void> AppArmorProfile::in_child() const noexcept {
  const auto proc = rootfs::Procfs::open();
  if (!proc) {
    return std::unexpected(proc.error());
  }
  const auto put = proc->write("thread-self/attr/apparmor/exec", command_);
  if (!put && put.error().code == ENOENT) {
    // Kernels before 5.1 have only the shared file.
    return proc->write("thread-self/attr/exec", command_);
  }
  return put;
}

}  // namespace docker_cpp::security
