// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/network/container_side.hpp"

#include <net/if.h>

#include <optional>
#include <stdexcept>

#include "docker_cpp/network/in_namespace.hpp"
#include "docker_cpp/sys/error.hpp"
#include "docker_cpp/sys/file.hpp"

namespace docker_cpp::network {

Link must_find(Links& links, const std::string& name) {
  const auto link = links.find(name);
  if (!link) {
    throw Error({.code = ENODEV, .call = "find the link"}, "look up " + name);
  }
  return *link;
}

Links ContainerSide::prepare(int netns, Ipv6Use ipv6) {
  std::optional<Links> inside;
  in_network_namespace(netns, [&] {
    inside = Links::open();
    // For links made from now on. There are no such files where the machine
    // was booted without IPv6.
    const std::string defaults = "/proc/sys/net/ipv6/conf/default/";
    static_cast<void>(sys::write_control((defaults + "disable_ipv6").c_str(),
                                         ipv6 == Ipv6Use::on ? "0" : "1"));
    static_cast<void>(
        sys::write_control((defaults + "accept_ra").c_str(), "0"));
  });
  return *std::move(inside);
}

ContainerSide::ContainerSide(int netns, Ipv6Use ipv6)
    : links_(prepare(netns, ipv6)) {}

std::string ContainerSide::free_name(const std::string& prefix) {
  std::string name = prefix + "0";
  for (int i = 1; links_.find(name); ++i) {
    name = prefix + std::to_string(i);
  }
  return name;
}

std::string ContainerSide::name_for(const EndpointRequest& request) {
  const auto wanted = request.options.find(link_name_option);
  if (wanted == request.options.end()) {
    return free_name();
  }
  const std::string& name = wanted->second;
  if (name.empty() || name.size() >= IFNAMSIZ || name == "." || name == ".." ||
      name == "lo" || name.find_first_of("/: \t\n") != std::string::npos) {
    throw std::invalid_argument("invalid interface name: '" + name + "'");
  }
  if (links_.find(name)) {
    throw std::invalid_argument("the container has an interface " + name +
                                " already");
  }
  return name;
}

void ContainerSide::set_up(const std::string& link, const EndpointInfo& info,
                           WayOut out) {
  const int index = must_find(links_, link).index;
  const auto ip = parse_ipv4(info.ip);
  const auto ip6 = parse_ipv6(info.ip6);
  const auto gateway = parse_ipv4(info.gateway);
  const auto gateway6 = parse_ipv6(info.gateway6);
  const bool by_gateway = out == WayOut::by_gateway;
  links_.set_up_endpoint(
      index,
      ip ? std::optional(Subnet{.address = *ip, .prefix_len = info.prefix_len})
         : std::nullopt,
      by_gateway && gateway ? std::optional(*gateway) : std::nullopt);
  if (ip6) {
    links_.set_address(
        index, {.address = *ip6, .prefix_len = info.prefix_len6},
        by_gateway && gateway6 ? std::optional(*gateway6) : std::nullopt);
  }
  if (out == WayOut::by_link) {
    links_.set_default_link(index,
                            {.v4 = ip.has_value(), .v6 = ip6.has_value()});
  }
  links_.wait_until_operational(link);
}

}  // namespace docker_cpp::network
