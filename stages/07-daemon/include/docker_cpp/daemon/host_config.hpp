// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace docker_cpp::daemon {

using Labels = std::map<std::string, std::string>;
using Strings = std::vector<std::string>;

struct PortBinding {
  std::string host_ip;
  std::string host_port;  ///< empty: any free one
};

/// By "80/tcp".
using PortMap = std::map<std::string, std::vector<PortBinding>>;

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
  bool non_recursive = false;       ///< without the mounts below the source
  bool create_source = false;       ///< CreateMountpoint
  bool read_only_shallow = false;   ///< mounts below stay writable
  bool read_only_required = false;  ///< all of them read-only, or no start
  bool no_copy = false;
  std::string subpath;  ///< of a volume
  Labels volume_labels;
  std::string volume_driver;
  Labels volume_options;
  std::optional<std::int64_t> tmpfs_size;
  std::optional<std::uint32_t> tmpfs_mode;
  std::vector<Strings> tmpfs_options;  ///< {"noexec"}, {"uid", "1000"}
};

struct DeviceRequest {
  std::string path_on_host;
  std::string path_in_container;
  std::string cgroup_permissions = "rwm";
};

/// A limit of one block device: --blkio-weight-device, --device-read-bps...
struct BlockDeviceLimit {
  std::string path;
  std::uint64_t value = 0;
};

/// The part of the description that concerns this host.
struct HostConfig {
  Strings binds;  ///< "src:dst[:options]"
  std::vector<MountRequest> mounts;
  Strings volumes_from;                      ///< "container[:ro|rw]"
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
  Strings links;  ///< "container:alias", on the default bridge
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
  std::vector<BlockDeviceLimit> blkio_weight_device;
  std::vector<BlockDeviceLimit> read_bps;
  std::vector<BlockDeviceLimit> write_bps;
  std::vector<BlockDeviceLimit> read_iops;
  std::vector<BlockDeviceLimit> write_iops;
  std::int64_t cpu_realtime_period = 0;
  std::int64_t cpu_realtime_runtime = 0;
  Strings device_cgroup_rules;   ///< "c 42:* rmw"
  bool device_requests = false;  ///< --gpus: refused, with a sentence
  std::string isolation;
  std::string container_id_file;
  Labels storage_options;  ///< {"size", "10G"}
  Labels annotations;
  /// Rows and columns that a terminal begins with; 0: not said.
  std::array<std::uint16_t, 2> console_size{};
  bool restart_unhealthy = false;  ///< not Docker's: see engine-api.md
  std::optional<Strings> masked_paths;
  std::optional<Strings> readonly_paths;
};

}  // namespace docker_cpp::daemon
