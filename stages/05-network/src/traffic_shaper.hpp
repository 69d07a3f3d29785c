// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "docker_cpp/network/bandwidth.hpp"
#include "docker_cpp/network/links.hpp"
#include "docker_cpp/network/netlink.hpp"

namespace docker_cpp::network {

/// Limits what goes through the host's end of a container's link, where the
/// container, whatever its capabilities, cannot lift it.
///
/// To the container: a token bucket that lets packets wait (tbf). From it:
/// what is too much is dropped as it comes in, since nothing can wait there
/// (a chain of nftables' netdev family).
/// Not thread safe. \man{tc-tbf,8}
class TrafficShaper {
 public:
  /// The table `netdev TABLE` is ours.
  explicit TrafficShaper(std::string table);

  /// Replaces what the link had. \throws Error
  void limit(const Link& link, const Bandwidth& bandwidth);
  /// The link is going: its limits are not needed any more. Linux 6.16 keeps
  /// a chain whose link is gone. No error if it had none.
  void forget(const std::string& link);
  /// Removes the table. No error if there is none.
  void destroy();

  /// Under which the kernel tells others what we changed.
  [[nodiscard]] std::uint32_t port() const noexcept { return firewall_.port(); }

 private:
  void limit_in(const Link& link, std::uint64_t rate);
  void limit_out(const Link& link, std::uint64_t rate);

  std::string table_;
  NetlinkSocket routing_;
  NetlinkSocket firewall_;
};

}  // namespace docker_cpp::network
