// SPDX-License-Identifier: Apache-2.0
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "docker_cpp/network/isolations.hpp"
#include "docker_cpp/sys/unique_fd.hpp"

namespace docker_cpp::network {

sys::Result<void> LoopbackUp::in_child() const noexcept {
  const sys::UniqueFd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!socket) {
    return sys::fail("socket");
  }
  ifreq request{};
  request.ifr_name[0] = 'l';
  request.ifr_name[1] = 'o';
  request.ifr_flags = IFF_UP | IFF_RUNNING;  // netdevice(7)
  return sys::check_void(::ioctl(socket.get(), SIOCSIFFLAGS, &request),
                         "ioctl SIOCSIFFLAGS");
}

}  // namespace docker_cpp::network
