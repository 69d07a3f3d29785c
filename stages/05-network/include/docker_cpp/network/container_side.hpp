// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "docker_cpp/network/links.hpp"
#include "docker_cpp/network/network_driver.hpp"

namespace docker_cpp::network {

/// A container's network namespace, as the driver sees it that puts a link
/// into it. Not thread safe.
class ContainerSide {
 public:
  enum class Ipv6Use : std::uint8_t { off, on };
  /// How what is for nobody in particular leaves.
  enum class WayOut : std::uint8_t { none, by_gateway, by_link };

  /// Links made from now on have IPv6, or none; and nobody's advertisements
  /// of routers are taken.
  ContainerSide(int netns, Ipv6Use ipv6);

  /// "eth0", "eth1"...: the first that is free; or "PREFIX0".
  [[nodiscard]] std::string free_name(const std::string& prefix = "eth");
  /// What the endpoint's options ask for, or the first that is free.
  /// \throws std::invalid_argument for a name that no link can have
  [[nodiscard]] std::string name_for(const EndpointRequest& request);

  /// Loopback up, addresses, link up, default routes; and waits until the
  /// link can send.
  void set_up(const std::string& link, const EndpointInfo& info, WayOut out);

  [[nodiscard]] Links& links() noexcept { return links_; }

 private:
  static Links prepare(int netns, Ipv6Use ipv6);

  Links links_;
};

/// \throws Error (ENODEV)
[[nodiscard]] Link must_find(Links& links, const std::string& name);

}  // namespace docker_cpp::network
