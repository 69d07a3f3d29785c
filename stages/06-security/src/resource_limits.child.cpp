// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/security/resource_limits.hpp"

#include <sys/resource.h>

namespace docker_cpp::security {

sys::Result<void> ResourceLimits::in_child() const noexcept {
  for (const ResourceLimit& limit : limits_) {
    const rlimit native{.rlim_cur = limit.soft, .rlim_max = limit.hard};
    if (::setrlimit(static_cast<__rlimit_resource>(limit.resource), &native) ==
        -1) {
      return sys::fail("setrlimit");
    }
  }
  return {};
}

}  // namespace docker_cpp::security
