// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/security/capabilities.hpp"

#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace docker_cpp::security {

sys::Result<void> BoundingSet::in_child() const noexcept {
  for (unsigned one = 0; one < 64; ++one) {
    if (((drop_ >> one) & 1U) != 0 &&
        ::prctl(PR_CAPBSET_DROP, one, 0, 0, 0) == -1) {
      return sys::fail("prctl PR_CAPBSET_DROP");
    }
  }
  return {};
}

sys::Result<void> Capabilities::in_child() const noexcept {
  __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3,
                                  .pid = 0};
  __user_cap_data_struct data[2];
  for (unsigned half = 0; half < 2; ++half) {
    const unsigned shift = 32 * half;
    data[half] = {
        .effective = static_cast<__u32>(sets_.effective >> shift),
        .permitted = static_cast<__u32>(sets_.permitted >> shift),
        .inheritable = static_cast<__u32>(sets_.inheritable >> shift)};
  }
  if (::syscall(SYS_capset, &header, data) == -1) {
    return sys::fail("capset");
  }
  if (::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) == -1) {
    return sys::fail("prctl PR_CAP_AMBIENT_CLEAR_ALL");
  }
  for (unsigned one = 0; one < 64; ++one) {
    if (((sets_.ambient >> one) & 1U) != 0 &&
        ::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, one, 0, 0) == -1) {
      return sys::fail("prctl PR_CAP_AMBIENT_RAISE");
    }
  }
  return {};
}

}  // namespace docker_cpp::security
