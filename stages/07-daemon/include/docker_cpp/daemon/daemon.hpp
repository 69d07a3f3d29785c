// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "docker_cpp/daemon/container_defaults.hpp"
#include "docker_cpp/images/registry.hpp"

namespace docker_cpp::daemon {

enum class LogLevel : std::uint8_t { debug, info, warn, error, fatal };

using Log = std::function<void(LogLevel level, std::string_view message)>;

/// What reading the configuration again came to.
struct Reloaded {
  std::string error;  ///< not empty: nothing changed
  std::vector<std::string> changed;
  std::vector<std::string> needs_restart;
  ContainerDefaults defaults;
};

/// What the person who starts a daemon may choose.
struct DaemonOptions {
  std::string version = "0.1.0";  ///< and where the program came from:
  std::string git_commit;
  std::string build_time;  ///< RFC 3339
  std::string data_root = "/var/lib/docker-cpp";
  std::string exec_root = "/run/docker-cpp";
  /// unix://PATH, tcp://ADDRESS:PORT, fd:// ; empty: unix:// below exec_root
  std::vector<std::string> hosts;
  std::string bridge = "dcpp0";  ///< "none": no network but none and host
  std::string bip;               ///< gateway and prefix of the bridge
  std::vector<std::string> address_pools;
  int mtu = 1500;
  bool ipv6 = false;          ///< on the default bridge
  std::string fixed_cidr;     ///< its containers' part of the subnet
  std::string fixed_cidr_v6;  ///< its IPv6 subnet
  bool icc = true;            ///< its containers reach each other
  bool ip_masq = true;
  std::string host_ip;        ///< of ports published without an address
  std::string cluster_store;  ///< "etcd://ADDRESS:PORT"; empty: alone
  /// "kv.cacertfile=…" and the like.
  std::vector<std::string> cluster_store_options;
  std::string cluster_advertise;  ///< an address, or the name of a link
  std::string pidfile;            ///< empty: docker-cppd.pid below exec_root
  std::string group = "docker";
  std::string cgroup_parent = "/docker-cpp";
  std::vector<std::string> dns;
  std::vector<std::string> dns_search;
  std::vector<std::string> dns_options;
  std::vector<std::string> labels;
  std::vector<std::string> monitor;  ///< program, and arguments before its own
  std::string worker;                ///< path of docker-cpp-worker
  images::RegistryOptions registry;
  ContainerDefaults defaults;
  bool tls = false;         ///< on tcp:// hosts
  bool tls_verify = false;  ///< clients need a certificate, too
  std::string tls_authority = "/etc/docker-cpp/ca.pem";
  std::string tls_certificate = "/etc/docker-cpp/server-cert.pem";
  std::string tls_key = "/etc/docker-cpp/server-key.pem";
  std::string plugin_folder;                       ///< of shared objects
  std::vector<std::string> authorization_plugins;  ///< in this order
  std::string metrics_address;  ///< ADDRESS:PORT of Prometheus; empty: none
  std::string config_file;      ///< read again when it changes; empty: never
  /// Reads the configuration again, on SIGHUP or a change of the file.
  std::function<Reloaded()> reload;
};

/// Recovers what an earlier daemon left, serves, and returns after SIGTERM or
/// SIGINT; containers run on. Called once, while the process has one thread.
/// \throws Error, ApiError with a sentence for whoever started it
void run_daemon(const DaemonOptions& options, const Log& log);

}  // namespace docker_cpp::daemon
