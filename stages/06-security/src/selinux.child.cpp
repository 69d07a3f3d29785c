// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/security/selinux.hpp"

#include "docker_cpp/rootfs/procfs.hpp"

namespace docker_cpp::security {

sys::Result<void> SelinuxLabel::in_child() const noexcept {
  const auto proc = rootfs::Procfs::open();
  if (!proc) {
    return std::unexpected(proc.error());
  }
  for (const char* file :
       {"thread-self/attr/keycreate", "thread-self/attr/exec"}) {
    if (const auto put = proc->write(file, label_); !put) {
      return put;
    }
  }
  return {};
}

}  // namespace docker_cpp::security
