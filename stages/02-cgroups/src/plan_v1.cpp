// SPDX-License-Identifier: Apache-2.0
#include "setting.hpp"

#include "docker_cpp/sys/error.hpp"

namespace docker_cpp::cgroups {
namespace {

using Settings = std::vector<Setting>;

template <typename Number>
bool is_set(const std::optional<Number>& value) {
  // As Docker and runc have it: 0 in these fields means "not said".
  return value && *value != 0;
}

void plan_memory(const Resources& r, Settings& all) {
  const auto add = [&](const char* what, const char* file, std::int64_t bytes) {
    all.push_back({.what = what,
                   .controller = "memory",
                   .file = file,
                   .value = std::to_string(bytes < 0 ? -1 : bytes),
                   .lifts = bytes < 0});
  };
  if (is_set(r.memory_limit)) {
    add("memory limit", "memory.limit_in_bytes", *r.memory_limit);
  }
  if (is_set(r.memory_swap)) {
    add("limit of memory plus swap", "memory.memsw.limit_in_bytes",
        *r.memory_swap);
  } else if (r.memory_limit && *r.memory_limit < 0) {
    add("limit of memory plus swap", "memory.memsw.limit_in_bytes", -1);
  }
  if (is_set(r.memory_reservation)) {
    add("memory reservation", "memory.soft_limit_in_bytes",
        *r.memory_reservation);
  }
  if (r.memory_swappiness) {
    all.push_back({.what = "swappiness",
                   .controller = "memory",
                   .file = "memory.swappiness",
                   .value = std::to_string(*r.memory_swappiness)});
  }
  if (r.oom_kill_disable) {
    all.push_back({.what = "switch against killing when memory runs out",
                   .controller = "memory",
                   .file = "memory.oom_control",
                   .value = *r.oom_kill_disable ? "1" : "0",
                   .lifts = !*r.oom_kill_disable});
  }
}

void plan_cpu(const Resources& r, Settings& all) {
  const auto add = [&](const char* what, const char* file, std::string value,
                       const char* bounds) {
    all.push_back({.what = what,
                   .controller = "cpu",
                   .file = file,
                   .value = std::move(value),
                   .bounds = bounds});
  };
  if (is_set(r.cpu_shares)) {
    add("cpu shares", "cpu.shares", std::to_string(*r.cpu_shares), "");
  }
  if (is_set(r.cpu_period)) {
    add("cpu period", "cpu.cfs_period_us", std::to_string(*r.cpu_period),
        "1000 to 1000000 microseconds");
  }
  if (is_set(r.cpu_quota)) {
    add("cpu quota", "cpu.cfs_quota_us",
        std::to_string(*r.cpu_quota < 0 ? -1 : *r.cpu_quota),
        "at least 1000 microseconds, and no greater share than the parent has");
  }
  if (r.cpu_burst) {
    add("cpu burst", "cpu.cfs_burst_us", std::to_string(*r.cpu_burst),
        "at most the quota");
  }
  if (r.cpu_idle) {
    add("idle scheduling", "cpu.idle", std::to_string(*r.cpu_idle), "0 or 1");
  }
  if (is_set(r.cpu_rt_period)) {
    add("real-time period", "cpu.rt_period_us",
        std::to_string(*r.cpu_rt_period), "what the parent has to give");
  }
  if (is_set(r.cpu_rt_runtime)) {
    add("real-time runtime", "cpu.rt_runtime_us",
        std::to_string(*r.cpu_rt_runtime), "what the parent has to give");
  }
}

void plan_cpuset(const Resources& r, Settings& all) {
  if (!r.cpuset_cpus.empty()) {
    all.push_back({.what = "set of processors",
                   .controller = "cpuset",
                   .file = "cpuset.cpus",
                   .value = r.cpuset_cpus});
  }
  if (!r.cpuset_mems.empty()) {
    all.push_back({.what = "set of memory nodes",
                   .controller = "cpuset",
                   .file = "cpuset.mems",
                   .value = r.cpuset_mems});
  }
}

void plan_rates(const char* what, const char* file,
                const std::vector<DeviceRate>& rates, Settings& all) {
  for (const DeviceRate& rate : rates) {
    const std::string device =
        std::to_string(rate.major) + ":" + std::to_string(rate.minor);
    all.push_back({.what = what,
                   .controller = "blkio",
                   .file = file,
                   .value = device + " " + std::to_string(rate.rate),
                   .undo = device + " 0",
                   .bounds = "MAJOR:MINOR of a whole block device"});
  }
}

void plan_io(const Resources& r, Settings& all) {
  if (is_set(r.io_weight)) {
    const std::string weight = std::to_string(*r.io_weight);
    all.push_back({.what = "block i/o weight",
                   .controller = "blkio",
                   .file = "blkio.weight",
                   .value = weight,
                   .bounds = "10 to 1000",
                   .other_file = "blkio.bfq.weight",
                   .other_value = weight});
  }
  for (const DeviceWeight& device : r.io_device_weights) {
    const std::string name =
        std::to_string(device.major) + ":" + std::to_string(device.minor) + " ";
    const std::string value = name + std::to_string(device.weight);
    all.push_back({.what = "block i/o weight of a device",
                   .controller = "blkio",
                   .file = "blkio.weight_device",
                   .value = value,
                   .undo = name + "default",
                   .bounds = "10 to 1000",
                   .other_file = "blkio.bfq.weight_device",
                   .other_value = value});
  }
  plan_rates("read rate", "blkio.throttle.read_bps_device", r.io_read_bytes,
             all);
  plan_rates("write rate", "blkio.throttle.write_bps_device", r.io_write_bytes,
             all);
  plan_rates("rate of reads", "blkio.throttle.read_iops_device",
             r.io_read_operations, all);
  plan_rates("rate of writes", "blkio.throttle.write_iops_device",
             r.io_write_operations, all);
}

void plan_network(const Resources& r, Settings& all) {
  if (is_set(r.network_class)) {
    all.push_back({.what = "network class",
                   .controller = "net_cls",
                   .file = "net_cls.classid",
                   .value = std::to_string(*r.network_class)});
  }
  for (const NetworkPriority& one : r.network_priorities) {
    all.push_back({.what = "network priority",
                   .controller = "net_prio",
                   .file = "net_prio.ifpriomap",
                   .value = one.interface + " " + std::to_string(one.priority),
                   .undo = one.interface + " 0"});
  }
}

void check(const Resources& r) {
  check_page_sizes(r);
  if (is_set(r.cpu_shares) && (*r.cpu_shares < 2 || *r.cpu_shares > 262'144)) {
    // The kernel would take another number without a word.
    refuse("cpu shares", std::to_string(*r.cpu_shares), "2 to 262144");
  }
  if (!r.unified.empty()) {
    throw Error({.code = ENOTSUP, .call = "check"},
                "set " + r.unified.begin()->first +
                    ": this machine has its controllers on cgroup v1");
  }
}

}  // namespace

std::vector<Setting> plan_v1(const Resources& r) {
  check(r);
  Settings all;
  plan_memory(r, all);
  plan_cpu(r, all);
  plan_cpuset(r, all);
  if (r.pids_limit) {
    all.push_back({.what = "limit of processes",
                   .controller = "pids",
                   .file = "pids.max",
                   .value = pids_max(*r.pids_limit),
                   .lifts = *r.pids_limit < 0});
  }
  plan_io(r, all);
  for (const HugepageLimit& pages : r.hugepages) {
    all.push_back({.what = "limit of " + pages.page_size + " pages",
                   .controller = "hugetlb",
                   .file = "hugetlb." + pages.page_size + ".limit_in_bytes",
                   .value = std::to_string(pages.bytes)});
    // What is reserved counts as well, where the kernel can limit it: a fault
    // beyond the first limit alone is a SIGBUS, hugetlb cgroup's own document.
    all.push_back(
        {.what = "limit of reserved " + pages.page_size + " pages",
         .controller = "hugetlb",
         .file = "hugetlb." + pages.page_size + ".rsvd.limit_in_bytes",
         .value = std::to_string(pages.bytes),
         .lifts = true});
  }
  plan_rdma(r, all);
  plan_network(r, all);
  return all;
}

}  // namespace docker_cpp::cgroups
