// SPDX-License-Identifier: Apache-2.0
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstring>

#include "docker_cpp/oci/net_devices.hpp"

namespace docker_cpp::oci {
namespace {

using sys::Result;

/// Sends one message with the link's index in it, and waits for the answer.
Result<void> add_address(int socket, const std::string& message,
                         unsigned index) noexcept {
  alignas(nlmsghdr) char buffer[1024];
  if (message.size() > sizeof buffer) {
    errno = E2BIG;
    return sys::fail("add an address");
  }
  std::memcpy(buffer, message.data(), message.size());
  std::memcpy(buffer + NLMSG_HDRLEN + offsetof(ifaddrmsg, ifa_index), &index,
              sizeof index);
  iovec part{.iov_base = buffer, .iov_len = message.size()};
  msghdr whole{};
  whole.msg_iov = &part;
  whole.msg_iovlen = 1;
  if (::sendmsg(socket, &whole, 0) == -1) {
    return sys::fail("add an address");
  }
  part.iov_len = sizeof buffer;
  if (::recvmsg(socket, &whole, 0) == -1) {
    return sys::fail("add an address");
  }
  nlmsgerr answer{};
  std::memcpy(&answer, buffer + NLMSG_HDRLEN, sizeof answer);
  errno = -answer.error;
  return errno == 0 ? Result<void>{} : sys::fail("add an address");
}

Result<unsigned> bring_up(int socket, const char* name) noexcept {
  ifreq request{};
  std::memcpy(request.ifr_name, name, std::strlen(name));
  if (::ioctl(socket, SIOCGIFINDEX, &request) == -1) {
    return sys::fail("find the link");
  }
  const auto index = static_cast<unsigned>(request.ifr_ifindex);
  if (::ioctl(socket, SIOCGIFFLAGS, &request) == -1) {
    return sys::fail("find the link");
  }
  request.ifr_flags = static_cast<short>(request.ifr_flags | IFF_UP);
  if (::ioctl(socket, SIOCSIFFLAGS, &request) == -1) {
    return sys::fail("bring the link up");
  }
  return index;
}

}  // namespace

Result<void> NetDevices::in_child() const noexcept {
  const sys::UniqueFd control(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  const sys::UniqueFd route(
      ::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
  if (!control || !route) {
    return sys::fail("socket");
  }
  for (const Link& link : links_) {
    const auto index = bring_up(control.get(), link.device.name.c_str());
    if (!index) {
      return std::unexpected(index.error());
    }
    for (const std::string& address : link.addresses) {
      if (const auto done = add_address(route.get(), address, *index); !done) {
        return done;
      }
    }
  }
  return {};
}

}  // namespace docker_cpp::oci
