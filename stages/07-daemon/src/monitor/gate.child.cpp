// SPDX-License-Identifier: Apache-2.0
#include "gate.hpp"

#include <unistd.h>

#include <cerrno>

namespace docker_cpp::monitor {

sys::Result<void> Gate::in_child() const noexcept {
  if (go_ == -1) {
    return {};
  }
  char byte = 0;
  ssize_t got = -1;
  do {
    got = ::read(go_, &byte, 1);
  } while (got == -1 && errno == EINTR);
  if (got != 1) {  // whoever was to open it gave up
    return std::unexpected(sys::SysError{.code = ECANCELED, .call = "read"});
  }
  return {};
}

}  // namespace docker_cpp::monitor
