// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/namespaces/terminal.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

namespace docker_cpp::namespaces {

sys::Result<void> Session::in_child() const noexcept {
  if (::setsid() == -1) {
    return sys::fail("setsid");
  }
  if (terminal_ == Terminal::on_stdin) {
    return sys::check_void(::ioctl(0, TIOCSCTTY, 0), "ioctl TIOCSCTTY");
  }
  return {};
}

}  // namespace docker_cpp::namespaces
