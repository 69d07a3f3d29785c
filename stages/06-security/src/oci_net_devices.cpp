// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>

#include "docker_cpp/oci/net_devices.hpp"
#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/syscalls.hpp"

namespace docker_cpp::oci {
namespace {

using namespaces::Kind;

/// A message of route netlink in the making. \man{rtnetlink,7}
class Message {
 public:
  template <typename Body>
  Message(std::uint16_t type, unsigned flags, const Body& body) {
    const nlmsghdr header{
        .nlmsg_len = 0,
        .nlmsg_type = type,
        .nlmsg_flags = static_cast<std::uint16_t>(NLM_F_REQUEST | flags),
        .nlmsg_seq = 1,
        .nlmsg_pid = 0};
    append(&header, sizeof header);
    append(&body, sizeof body);
  }
  void attribute(std::uint16_t type, const void* data, std::size_t size) {
    const rtattr head{.rta_len = static_cast<std::uint16_t>(RTA_LENGTH(size)),
                      .rta_type = type};
    append(&head, sizeof head);
    append(data, size);
  }
  [[nodiscard]] std::string bytes() const {
    std::string all = bytes_;
    const auto size = static_cast<std::uint32_t>(all.size());
    std::memcpy(all.data(), &size, sizeof size);
    return all;
  }

 private:
  void append(const void* data, std::size_t size) {
    bytes_.append(static_cast<const char*>(data), size);
    bytes_.resize(NLMSG_ALIGN(bytes_.size()), '\0');
  }
  std::string bytes_;
};

/// What follows a message's header (NLMSG_DATA without its C cast).
template <typename Body>
Body body_of(const nlmsghdr& message) {
  Body body{};
  std::memcpy(&body, reinterpret_cast<const char*>(&message) + NLMSG_HDRLEN,
              sizeof body);
  return body;
}

sys::UniqueFd route_socket() {
  return sys::UniqueFd(must(
      sys::check(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE),
                 "socket"),
      "open a netlink socket"));
}

/// Calls `each` with every answer; ends with the kernel's word on the request.
template <typename Each>
void exchange(const Message& request, const std::string& doing, Each each) {
  const sys::UniqueFd socket = route_socket();
  const std::string bytes = request.bytes();
  must(sys::check_void(::send(socket.get(), bytes.data(), bytes.size(), 0),
                       "send"),
       doing);
  alignas(nlmsghdr) char buffer[16384];
  while (true) {
    const ssize_t got =
        must(sys::check(::recv(socket.get(), buffer, sizeof buffer, 0), "recv"),
             doing);
    auto left = static_cast<unsigned>(got);
    for (auto* one = reinterpret_cast<nlmsghdr*>(buffer); NLMSG_OK(one, left);
         one = NLMSG_NEXT(one, left)) {
      if (one->nlmsg_type == NLMSG_DONE) {
        return;
      }
      if (one->nlmsg_type == NLMSG_ERROR) {
        const int code = -body_of<nlmsgerr>(*one).error;
        if (code != 0) {
          throw Error({.code = code, .call = "netlink"}, doing);
        }
        return;
      }
      each(*one);
    }
  }
}

/// An address that was given to stay, for everybody: not one that the kernel
/// or a router made up, which comes anew by itself.
bool to_be_kept(const ifaddrmsg& address) {
  return address.ifa_scope == RT_SCOPE_UNIVERSE &&
         (address.ifa_flags & IFA_F_PERMANENT) != 0;
}

/// The message that gives the same address again.
std::string as_request(const nlmsghdr& answer) {
  std::string bytes(reinterpret_cast<const char*>(&answer), answer.nlmsg_len);
  nlmsghdr header{};
  std::memcpy(&header, bytes.data(), sizeof header);
  header.nlmsg_type = RTM_NEWADDR;
  header.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_REPLACE;
  header.nlmsg_pid = 0;
  std::memcpy(bytes.data(), &header, sizeof header);
  return bytes;
}

std::vector<std::string> addresses_of(unsigned index,
                                      const std::string& doing) {
  std::vector<std::string> all;
  const Message request(RTM_GETADDR, NLM_F_DUMP, ifaddrmsg{});
  exchange(request, doing, [&](const nlmsghdr& one) {
    const auto address = body_of<ifaddrmsg>(one);
    if (one.nlmsg_type == RTM_NEWADDR && address.ifa_index == index &&
        to_be_kept(address)) {
      all.push_back(as_request(one));
    }
  });
  return all;
}

/// A link can be renamed only while it is down.
void bring_down(const std::string& name, const std::string& doing) {
  const sys::UniqueFd socket(must(
      sys::check(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), "socket"),
      doing));
  ifreq request{};
  name.copy(request.ifr_name, IFNAMSIZ - 1);
  must(sys::check_void(::ioctl(socket.get(), SIOCGIFFLAGS, &request), "ioctl"),
       doing);
  request.ifr_flags = static_cast<short>(request.ifr_flags & ~IFF_UP);
  must(sys::check_void(::ioctl(socket.get(), SIOCSIFFLAGS, &request), "ioctl"),
       doing);
}

void move(unsigned index, const std::string& name, int network,
          const std::string& doing) {
  ifinfomsg link{};
  link.ifi_index = static_cast<int>(index);
  Message request(RTM_NEWLINK, NLM_F_ACK, link);
  request.attribute(IFLA_NET_NS_FD, &network, sizeof network);
  request.attribute(IFLA_IFNAME, name.c_str(), name.size() + 1);
  exchange(request, doing, [](const nlmsghdr&) {});
}

}  // namespace

NetDevices::NetDevices(const std::vector<NetDevice>& devices,
                       const std::string& existing) {
  if (!existing.empty()) {
    existing_ = namespaces::open_namespace(Kind::network, existing).fd;
  }
  for (const NetDevice& device : devices) {
    const std::string property = "linux.netDevices[\"" + device.host_name;
    Link link{.device = device,
              .index = ::if_nametoindex(device.host_name.c_str()),
              .addresses = {},
              .doing = "move the network link " + device.host_name + " as " +
                       device.name};
    if (link.index == 0) {
      throw SpecError(property + "\"]", "there is no such link on the host");
    }
    link.addresses = addresses_of(link.index, link.doing);
    links_.push_back(std::move(link));
  }
}

const char* NetDevices::name() const noexcept {
  return "move network links";
}

void NetDevices::from_parent(const namespaces::ChildHandle& child) {
  sys::UniqueFd own;
  if (!existing_) {
    own = namespaces::open_namespace(
              Kind::network, "/proc/" + std::to_string(child.pid) + "/ns/net")
              .fd;
  }
  const int network = existing_ ? existing_.get() : own.get();
  for (const Link& link : links_) {
    bring_down(link.device.host_name, link.doing);
    move(link.index, link.device.name, network, link.doing);
  }
}

}  // namespace docker_cpp::oci
