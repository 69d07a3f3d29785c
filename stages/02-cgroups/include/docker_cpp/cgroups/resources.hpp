// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "docker_cpp/cgroups/device_rule.hpp"

namespace docker_cpp::cgroups {

/// A rate for one block device, bytes or operations per second; 0: no limit.
struct DeviceRate {
  std::int64_t major = 0;
  std::int64_t minor = 0;
  std::uint64_t rate = 0;
};

struct DeviceWeight {
  std::int64_t major = 0;
  std::int64_t minor = 0;
  std::uint16_t weight = 0;
};

struct HugepageLimit {
  std::string page_size;  ///< as the kernel names it: "2MB", "1GB"
  std::uint64_t bytes = 0;
};

struct RdmaLimit {
  std::string device;
  std::optional<std::uint32_t> handles;
  std::optional<std::uint32_t> objects;
};

struct NetworkPriority {
  std::string interface;
  std::uint32_t priority = 0;
};

/// What a container may take, after OCI `linux.resources`. A field without a
/// value leaves the limit as it is. Byte counts are bytes, times microseconds.
/// \oci{runtime,config-linux,configLinuxCgroups}  \stage{02}
struct Resources {
  std::optional<std::int64_t> memory_limit;        ///< -1: none
  std::optional<std::int64_t> memory_reservation;  ///< -1: none
  std::optional<std::int64_t> memory_swap;  ///< memory plus swap; -1: none
  std::optional<std::uint64_t> memory_swappiness;  ///< 0 to 100, v1 only
  std::optional<bool> oom_kill_disable;            ///< v1 only
  /// Refuse a memory limit below what is in use, instead of killing for it.
  bool memory_check_before_update = false;

  std::optional<std::uint64_t> cpu_shares;  ///< 2 to 262144; 1024 is normal
  std::optional<std::int64_t> cpu_quota;    ///< per period; -1: none
  std::optional<std::uint64_t> cpu_period;  ///< 1000 to 1000000
  std::optional<std::uint64_t> cpu_burst;
  std::optional<std::int64_t> cpu_idle;        ///< 1: SCHED_IDLE
  std::optional<std::int64_t> cpu_rt_runtime;  ///< v1 only
  std::optional<std::uint64_t> cpu_rt_period;  ///< v1 only
  std::string cpuset_cpus;                     ///< "0-2,7"; empty: all
  std::string cpuset_mems;

  std::optional<std::int64_t> pids_limit;  ///< 0 and below: none

  std::optional<std::uint16_t> io_weight;  ///< 10 to 1000
  std::vector<DeviceWeight> io_device_weights;
  std::vector<DeviceRate> io_read_bytes;
  std::vector<DeviceRate> io_write_bytes;
  std::vector<DeviceRate> io_read_operations;
  std::vector<DeviceRate> io_write_operations;

  std::vector<HugepageLimit> hugepages;
  std::vector<RdmaLimit> rdma;
  std::optional<std::uint32_t> network_class;       ///< v1 only
  std::vector<NetworkPriority> network_priorities;  ///< v1 only
  std::map<std::string, std::string> unified;       ///< v2 only

  /// Empty leaves the devices as they are; else everything is denied first.
  std::vector<DeviceRule> devices;
};

}  // namespace docker_cpp::cgroups
