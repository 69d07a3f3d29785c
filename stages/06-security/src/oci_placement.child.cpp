// SPDX-License-Identifier: Apache-2.0
#include <sys/syscall.h>
#include <unistd.h>

#include "docker_cpp/oci/placement.hpp"

namespace docker_cpp::oci {

sys::Result<void> Affinity::in_child() const noexcept {
  return sys::check_void(
      ::syscall(SYS_sched_setaffinity, 0, sizeof cpus_, cpus_.data()),
      property_.c_str());
}

sys::Result<void> MemoryNodes::in_child() const noexcept {
  const unsigned long* nodes = policy_.nodes ? policy_.nodes->data() : nullptr;
  const std::size_t bits = policy_.nodes ? 8 * sizeof(BitSet) : 0;
  return sys::check_void(
      ::syscall(SYS_set_mempolicy, policy_.mode, nodes, bits),
      "linux.memoryPolicy");
}

}  // namespace docker_cpp::oci
