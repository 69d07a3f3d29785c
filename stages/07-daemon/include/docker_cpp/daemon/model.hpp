// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "docker_cpp/daemon/state.hpp"

/// What the daemon knows of a container: Docker's words, as values.
namespace docker_cpp::daemon {

using Labels = std::map<std::string, std::string>;
using Strings = std::vector<std::string>;
using Time = std::chrono::system_clock::time_point;  ///< epoch 0 = never

struct PortBinding {
  std::string host_ip;
  std::string host_port;  ///< empty: any free one
};

/// By "80/tcp".
using PortMap = std::map<std::string, std::vector<PortBinding>>;

/// The part of a container's description that an image may also give.
struct Config {
  std::string hostname;
  std::string domainname;
  std::string user;
  bool attach_stdin = false;
  bool attach_stdout = false;
  bool attach_stderr = false;
  Strings exposed_ports;  ///< "80/tcp"
  bool tty = false;
  bool open_stdin = false;
  bool stdin_once = false;
  Strings env;
  std::optional<Strings> cmd;
  std::optional<Strings> entrypoint;
  std::string image;  ///< as the user wrote it
  Strings volumes;    ///< container paths
  std::string working_dir;
  Labels labels;
  std::string stop_signal;
  std::optional<int> stop_timeout;
};

struct RestartPolicy {
  std::string name = "no";  ///< no, always, unless-stopped, on-failure
  int maximum_retry_count = 0;
};

struct Ulimit {
  std::string name;  ///< "nofile"
  std::int64_t soft = 0;
  std::int64_t hard = 0;
};

/// An entry of HostConfig.Mounts.
struct MountRequest {
  std::string type;  ///< bind, volume, tmpfs
  std::string source;
  std::string target;
  bool read_only = false;
  std::string propagation;
  std::optional<std::int64_t> tmpfs_size;
  std::optional<std::uint32_t> tmpfs_mode;
};

struct DeviceRequest {
  std::string path_on_host;
  std::string path_in_container;
  std::string cgroup_permissions = "rwm";
};

/// The part of the description that concerns this host.
struct HostConfig {
  Strings binds;  ///< "src:dst[:options]"
  std::vector<MountRequest> mounts;
  std::map<std::string, std::string> tmpfs;  ///< path to options
  std::string network_mode = "default";
  PortMap port_bindings;
  bool publish_all_ports = false;
  RestartPolicy restart_policy;
  bool auto_remove = false;
  Strings cap_add;
  Strings cap_drop;
  bool privileged = false;
  bool readonly_rootfs = false;
  Strings security_opt;
  Strings dns;
  Strings dns_options;
  Strings dns_search;
  Strings extra_hosts;
  Strings group_add;
  std::string ipc_mode;
  std::string pid_mode;
  std::string uts_mode;
  std::string userns_mode;
  std::string cgroupns_mode;
  std::string cgroup_parent;
  std::int64_t shm_size = 64 << 20;
  int oom_score_adj = 0;
  std::optional<bool> init;
  std::vector<Ulimit> ulimits;
  std::vector<DeviceRequest> devices;
  Labels sysctls;
  std::string log_driver = "json-file";
  Labels log_options;
  std::string runtime = "docker-cpp";
  std::int64_t memory = 0;
  std::int64_t memory_reservation = 0;
  std::int64_t memory_swap = 0;
  std::optional<std::int64_t> memory_swappiness;
  std::optional<bool> oom_kill_disable;
  std::int64_t nano_cpus = 0;
  std::int64_t cpu_shares = 0;
  std::int64_t cpu_period = 0;
  std::int64_t cpu_quota = 0;
  std::string cpuset_cpus;
  std::string cpuset_mems;
  std::optional<std::int64_t> pids_limit;
  std::uint16_t blkio_weight = 0;
  std::optional<Strings> masked_paths;
  std::optional<Strings> readonly_paths;
};

/// How a container is connected to one network.
struct Endpoint {
  std::string network;  ///< its name
  std::string network_id;
  std::string endpoint_id;
  std::string gateway;
  std::string ip_address;
  int ip_prefix_len = 0;
  std::string mac_address;
  Strings aliases;
};

/// Where something is mounted, as inspect shows it.
struct MountPoint {
  std::string type;  ///< bind, volume, tmpfs
  std::string name;  ///< of a volume
  std::string source;
  std::string destination;
  std::string driver;
  std::string mode;
  bool rw = true;
  std::string propagation;
};

/// A container, whole. Immutable once published: readers share it.
struct Container {
  std::string id;    ///< 64 hex digits
  std::string name;  ///< without the slash
  Time created;
  std::string image_id;  ///< "sha256:…", of the image's configuration
  Config config;         ///< merged with the image's
  HostConfig host_config;
  Strings args;  ///< entrypoint and command, path first

  State state = State::created;
  pid_t pid = 0;
  int exit_code = 0;
  std::string error;  ///< why the last start failed
  bool oom_killed = false;
  int restart_count = 0;
  bool stopped_by_user = false;
  Time started_at;
  Time finished_at;

  std::vector<Endpoint> endpoints;
  PortMap ports;  ///< as published, with the host ports chosen
  std::vector<MountPoint> mounts;
  std::string log_path;
  Strings exec_ids;  ///< running ones
};

/// A command run in a running container.
struct Exec {
  std::string id;
  std::string container_id;
  Strings args;
  Strings env;
  std::string user;
  std::string working_dir;
  bool tty = false;
  bool privileged = false;
  bool attach_stdin = false;
  bool attach_stdout = false;
  bool attach_stderr = false;
  std::string detach_keys;
  bool started = false;
  bool running = false;
  std::optional<int> exit_code;
  pid_t pid = 0;
};

}  // namespace docker_cpp::daemon
