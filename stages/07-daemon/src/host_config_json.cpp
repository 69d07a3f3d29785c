// SPDX-License-Identifier: Apache-2.0
#include "json_fields.hpp"
#include "mount_request_json.hpp"

#include "docker_cpp/daemon/model_json.hpp"

namespace docker_cpp::daemon {
namespace {

using nlohmann::json;

json mounts_to_json(const std::vector<MountRequest>& mounts) {
  json out = json::array();
  for (const auto& mount : mounts) {
    out.push_back(mount_to_json(mount));
  }
  return out;
}

json ulimits_to_json(const std::vector<Ulimit>& limits) {
  json out = json::array();
  for (const auto& limit : limits) {
    out.push_back(
        {{"Name", limit.name}, {"Soft", limit.soft}, {"Hard", limit.hard}});
  }
  return out;
}

json devices_to_json(const std::vector<DeviceRequest>& devices) {
  json out = json::array();
  for (const auto& device : devices) {
    out.push_back({{"PathOnHost", device.path_on_host},
                   {"PathInContainer", device.path_in_container},
                   {"CgroupPermissions", device.cgroup_permissions}});
  }
  return out;
}

json block_limits_to_json(const std::vector<BlockDeviceLimit>& limits,
                          const char* value) {
  json out = json::array();
  for (const auto& limit : limits) {
    out.push_back({{"Path", limit.path}, {value, limit.value}});
  }
  return out;
}

/// What a HostConfig has and this engine has no setting for, as Docker shows
/// it when nobody set it: clients index these without looking.
json untouched_fields() {
  json out = json::object();
  for (const char* key : {"VolumeDriver", "Cgroup"}) {
    out[key] = "";
  }
  for (const char* key : {"VolumesFrom", "DeviceRequests"}) {
    out[key] = nullptr;
  }
  for (const char* key :
       {"CpuCount", "CpuPercent", "IOMaximumIOps", "IOMaximumBandwidth",
        "KernelMemory", "KernelMemoryTCP"}) {
    out[key] = 0;
  }
  return out;
}

void add_resources(const HostConfig& config, json& out) {
  out["CpuShares"] = config.cpu_shares;
  out["Memory"] = config.memory;
  out["NanoCpus"] = config.nano_cpus;
  out["CgroupParent"] = config.cgroup_parent;
  out["BlkioWeight"] = config.blkio_weight;
  out["CpuPeriod"] = config.cpu_period;
  out["CpuQuota"] = config.cpu_quota;
  out["CpusetCpus"] = config.cpuset_cpus;
  out["CpusetMems"] = config.cpuset_mems;
  out["Devices"] = devices_to_json(config.devices);
  out["MemoryReservation"] = config.memory_reservation;
  out["MemorySwap"] = config.memory_swap;
  out["MemorySwappiness"] = value_or_null(config.memory_swappiness);
  out["OomKillDisable"] = value_or_null(config.oom_kill_disable);
  out["PidsLimit"] = value_or_null(config.pids_limit);
  out["Ulimits"] = ulimits_to_json(config.ulimits);
  out["CpuRealtimePeriod"] = config.cpu_realtime_period;
  out["CpuRealtimeRuntime"] = config.cpu_realtime_runtime;
  out["DeviceCgroupRules"] = list_or_null(config.device_cgroup_rules);
  out["BlkioWeightDevice"] =
      block_limits_to_json(config.blkio_weight_device, "Weight");
  out["BlkioDeviceReadBps"] = block_limits_to_json(config.read_bps, "Rate");
  out["BlkioDeviceWriteBps"] = block_limits_to_json(config.write_bps, "Rate");
  out["BlkioDeviceReadIOps"] = block_limits_to_json(config.read_iops, "Rate");
  out["BlkioDeviceWriteIOps"] = block_limits_to_json(config.write_iops, "Rate");
}

/// Fields that Go's omitempty leaves out.
void add_optional(const HostConfig& config, json& out) {
  if (!config.volumes_from.empty()) {
    out["VolumesFrom"] = config.volumes_from;
  }
  if (!config.mounts.empty()) {
    out["Mounts"] = mounts_to_json(config.mounts);
  }
  if (!config.tmpfs.empty()) {
    out["Tmpfs"] = config.tmpfs;
  }
  if (!config.sysctls.empty()) {
    out["Sysctls"] = config.sysctls;
  }
  if (config.init) {
    out["Init"] = *config.init;
  }
  if (!config.annotations.empty()) {
    out["Annotations"] = config.annotations;
  }
  if (config.restart_unhealthy) {
    out["RestartUnhealthy"] = true;
  }
}

void add_security(const HostConfig& config, json& out) {
  out["CapAdd"] = list_or_null(config.cap_add);
  out["CapDrop"] = list_or_null(config.cap_drop);
  out["Privileged"] = config.privileged;
  out["ReadonlyRootfs"] = config.readonly_rootfs;
  out["SecurityOpt"] = list_or_null(config.security_opt);
  out["GroupAdd"] = list_or_null(config.group_add);
  out["IpcMode"] = config.ipc_mode;
  out["PidMode"] = config.pid_mode;
  out["UTSMode"] = config.uts_mode;
  out["UsernsMode"] = config.userns_mode;
  out["CgroupnsMode"] = config.cgroupns_mode;
  out["OomScoreAdj"] = config.oom_score_adj;
  out["MaskedPaths"] = list_or_null(config.masked_paths);
  out["ReadonlyPaths"] = list_or_null(config.readonly_paths);
}

void read_block_limits(const Fields& fields, const char* key, const char* value,
                       std::vector<BlockDeviceLimit>& into) {
  fields.each(key, [&](const json& item) {
    const Fields entry(item, "ThrottleDevice");
    std::int64_t number = 0;
    auto& limit = into.emplace_back();
    entry.read("Path", limit.path);
    entry.read(value, number);
    if (number < 0) {
      throw ApiError(ErrorCode::invalid_argument,
                     std::string(key) + ": a limit cannot be negative");
    }
    limit.value = static_cast<std::uint64_t>(number);
  });
}

void read_block_devices(const Fields& fields, HostConfig& out) {
  read_block_limits(fields, "BlkioWeightDevice", "Weight",
                    out.blkio_weight_device);
  read_block_limits(fields, "BlkioDeviceReadBps", "Rate", out.read_bps);
  read_block_limits(fields, "BlkioDeviceWriteBps", "Rate", out.write_bps);
  read_block_limits(fields, "BlkioDeviceReadIOps", "Rate", out.read_iops);
  read_block_limits(fields, "BlkioDeviceWriteIOps", "Rate", out.write_iops);
}

void read_resources(const Fields& fields, HostConfig& out) {
  fields.read("CpuShares", out.cpu_shares);
  fields.read("Memory", out.memory);
  fields.read("NanoCpus", out.nano_cpus);
  fields.read("CgroupParent", out.cgroup_parent);
  fields.read("BlkioWeight", out.blkio_weight);
  fields.read("CpuPeriod", out.cpu_period);
  fields.read("CpuQuota", out.cpu_quota);
  fields.read("CpusetCpus", out.cpuset_cpus);
  fields.read("CpusetMems", out.cpuset_mems);
  fields.read("MemoryReservation", out.memory_reservation);
  fields.read("MemorySwap", out.memory_swap);
  fields.read("MemorySwappiness", out.memory_swappiness);
  fields.read("OomKillDisable", out.oom_kill_disable);
  fields.read("PidsLimit", out.pids_limit);
  fields.read("CpuRealtimePeriod", out.cpu_realtime_period);
  fields.read("CpuRealtimeRuntime", out.cpu_realtime_runtime);
  fields.read("DeviceCgroupRules", out.device_cgroup_rules);
  fields.each("DeviceRequests",
              [&](const json&) { out.device_requests = true; });
  read_block_devices(fields, out);
  fields.each("Devices", [&](const json& value) {
    auto& device = out.devices.emplace_back();
    const Fields entry(value, "DeviceMapping");
    entry.read("PathOnHost", device.path_on_host);
    entry.read("PathInContainer", device.path_in_container);
    entry.read("CgroupPermissions", device.cgroup_permissions);
  });
  fields.each("Ulimits", [&](const json& value) {
    auto& limit = out.ulimits.emplace_back();
    const Fields entry(value, "Ulimit");
    entry.read("Name", limit.name);
    entry.read("Soft", limit.soft);
    entry.read("Hard", limit.hard);
  });
}

void read_security(const Fields& fields, HostConfig& out) {
  fields.read("CapAdd", out.cap_add);
  fields.read("CapDrop", out.cap_drop);
  fields.read("Privileged", out.privileged);
  fields.read("ReadonlyRootfs", out.readonly_rootfs);
  fields.read("SecurityOpt", out.security_opt);
  fields.read("GroupAdd", out.group_add);
  fields.read("IpcMode", out.ipc_mode);
  fields.read("PidMode", out.pid_mode);
  fields.read("UTSMode", out.uts_mode);
  fields.read("UsernsMode", out.userns_mode);
  fields.read("CgroupnsMode", out.cgroupns_mode);
  fields.read("OomScoreAdj", out.oom_score_adj);
  fields.read("MaskedPaths", out.masked_paths);
  fields.read("ReadonlyPaths", out.readonly_paths);
}

/// Clients send "" and 0 where they mean "as usual".
void restore_defaults(HostConfig& out) {
  const HostConfig usual;
  const auto unless_set = [](std::string& text, const std::string& standard) {
    if (text.empty()) {
      text = standard;
    }
  };
  unless_set(out.network_mode, usual.network_mode);
  unless_set(out.restart_policy.name, usual.restart_policy.name);
  unless_set(out.log_driver, usual.log_driver);
  unless_set(out.runtime, usual.runtime);
  if (out.shm_size == 0) {
    out.shm_size = usual.shm_size;
  }
}

void read_network(const Fields& fields, HostConfig& out) {
  fields.read("NetworkMode", out.network_mode);
  if (const auto* ports = fields.find("PortBindings")) {
    out.port_bindings = port_map_from_json(*ports);
  }
  fields.read("PublishAllPorts", out.publish_all_ports);
  fields.read("Dns", out.dns);
  fields.read("DnsOptions", out.dns_options);
  fields.read("DnsSearch", out.dns_search);
  fields.read("ExtraHosts", out.extra_hosts);
  fields.read("Links", out.links);
}

}  // namespace

json host_config_to_json(const HostConfig& config) {
  json out = untouched_fields();
  out["Binds"] = list_or_null(config.binds);
  out["LogConfig"] = {{"Type", config.log_driver},
                      {"Config", config.log_options}};
  out["NetworkMode"] = config.network_mode;
  out["PortBindings"] = port_map_to_json(config.port_bindings);
  out["PublishAllPorts"] = config.publish_all_ports;
  out["RestartPolicy"] = {
      {"Name", config.restart_policy.name},
      {"MaximumRetryCount", config.restart_policy.maximum_retry_count}};
  out["AutoRemove"] = config.auto_remove;
  out["Dns"] = config.dns;
  out["DnsOptions"] = config.dns_options;
  out["DnsSearch"] = config.dns_search;
  out["ExtraHosts"] = list_or_null(config.extra_hosts);
  out["Links"] = list_or_null(config.links);
  out["ShmSize"] = config.shm_size;
  out["ConsoleSize"] = config.console_size;
  out["Isolation"] = config.isolation;
  out["ContainerIDFile"] = config.container_id_file;
  if (!config.storage_options.empty()) {
    out["StorageOpt"] = config.storage_options;
  }
  out["Runtime"] = config.runtime;
  add_security(config, out);
  add_resources(config, out);
  add_optional(config, out);
  return out;
}

HostConfig host_config_from_json(const json& value) {
  const Fields fields(value, "HostConfig");
  HostConfig out;
  fields.read("Binds", out.binds);
  fields.read("VolumesFrom", out.volumes_from);
  fields.each("Mounts", [&](const json& mount) {
    out.mounts.push_back(mount_from_json(mount));
  });
  fields.read("Tmpfs", out.tmpfs);
  fields.read("AutoRemove", out.auto_remove);
  fields.read("ShmSize", out.shm_size);
  fields.read("Init", out.init);
  fields.read_pair("ConsoleSize", out.console_size);
  fields.read("Isolation", out.isolation);
  fields.read("ContainerIDFile", out.container_id_file);
  fields.read("StorageOpt", out.storage_options);
  fields.read("Annotations", out.annotations);
  fields.read("RestartUnhealthy", out.restart_unhealthy);
  fields.read("Sysctls", out.sysctls);
  fields.read("Runtime", out.runtime);
  if (const auto* policy = fields.find("RestartPolicy")) {
    const Fields entry(*policy, "RestartPolicy");
    entry.read("Name", out.restart_policy.name);
    entry.read("MaximumRetryCount", out.restart_policy.maximum_retry_count);
  }
  if (const auto* log = fields.find("LogConfig")) {
    const Fields entry(*log, "LogConfig");
    entry.read("Type", out.log_driver);
    entry.read("Config", out.log_options);
  }
  read_network(fields, out);
  read_security(fields, out);
  read_resources(fields, out);
  restore_defaults(out);
  return out;
}

}  // namespace docker_cpp::daemon
