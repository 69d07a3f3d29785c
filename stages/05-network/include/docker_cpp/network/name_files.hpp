// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "docker_cpp/network/ipv4.hpp"

/// The contents of a container's /etc/hosts and /etc/resolv.conf, as Docker
/// writes them.
namespace docker_cpp::network {

struct HostsEntry {
  std::string ip;
  std::string names;  ///< one or several, separated by blanks
};

struct HostsOptions {
  std::string hostname;
  std::string domainname;
  std::string ip;                 ///< the container's; empty: no line for it
  std::vector<HostsEntry> extra;  ///< --add-host, --link
};

[[nodiscard]] std::string hosts_file(const HostsOptions& options);

struct ResolverOptions {
  std::vector<std::string> dns;
  std::vector<std::string> search;
  std::vector<std::string> options;
  /// The container asks the engine's server, which asks the others.
  bool by_engine = false;
};

/// What a container resolves with, made from the host's own resolv.conf:
/// servers on the host's loopback are left out, for a container's loopback is
/// another; if none remains, 8.8.8.8 and 8.8.4.4. What `own` gives replaces
/// what the host has.
[[nodiscard]] std::string resolv_conf(std::string_view of_host,
                                      const ResolverOptions& own = {});

/// The same from the host's /etc/resolv.conf, or from the one behind
/// systemd-resolved where that is all the host has.
[[nodiscard]] std::string resolv_conf(const ResolverOptions& own = {});

/// The IPv4 servers that a resolv.conf names, those on loopback left out.
[[nodiscard]] std::vector<Ipv4> name_servers(std::string_view resolv_conf);

/// All servers that this host resolves with, those on its loopback too.
[[nodiscard]] std::vector<std::string> host_name_servers();

}  // namespace docker_cpp::network
