// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "setting.hpp"

#include "docker_cpp/sys/error.hpp"

namespace docker_cpp::cgroups {
namespace {

using Settings = std::vector<Setting>;

template <typename Number>
bool is_set(const std::optional<Number>& value) {
  return value && *value != 0;
}

std::string or_max(std::int64_t number) {
  return number < 0 ? std::string("max") : std::to_string(number);
}

/// v2 counts swap alone, the OCI memory and swap together.
std::optional<std::int64_t> swap_alone(const Resources& r) {
  if (!is_set(r.memory_swap)) {
    const bool lifted = r.memory_limit && *r.memory_limit < 0;
    return lifted ? std::optional<std::int64_t>(-1) : std::nullopt;
  }
  if (*r.memory_swap < 0) {
    return -1;
  }
  const std::string total = std::to_string(*r.memory_swap);
  if (!is_set(r.memory_limit) || *r.memory_limit < 0) {
    refuse("limit of memory plus swap", total, "it only with a memory limit");
  }
  if (*r.memory_swap < *r.memory_limit) {
    refuse("limit of memory plus swap", total, "no less than the memory limit");
  }
  return *r.memory_swap - *r.memory_limit;
}

void plan_memory(const Resources& r, Settings& all) {
  const auto add = [&](const char* what, const char* file, std::int64_t bytes) {
    all.push_back({.what = what,
                   .controller = "memory",
                   .file = file,
                   .value = or_max(bytes),
                   .lifts = bytes < 0});
  };
  const auto swap = swap_alone(r);
  if (swap) {
    add("swap limit", "memory.swap.max", *swap);
  }
  if (is_set(r.memory_limit)) {
    add("memory limit", "memory.max", *r.memory_limit);
  }
  if (is_set(r.memory_reservation)) {
    add("memory reservation", "memory.low", *r.memory_reservation);
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
  if (r.cpu_idle) {
    add("idle scheduling", "cpu.idle", std::to_string(*r.cpu_idle), "0 or 1");
  }
  if (is_set(r.cpu_shares) && r.cpu_idle.value_or(0) == 0) {
    add("cpu shares", "cpu.weight",
        std::to_string(cpu_weight_of_shares(*r.cpu_shares)), "1 to 10000");
  }
  if (is_set(r.cpu_quota) || is_set(r.cpu_period)) {
    std::string value = or_max(is_set(r.cpu_quota) ? *r.cpu_quota : -1);
    if (is_set(r.cpu_period)) {
      value += " " + std::to_string(*r.cpu_period);
    }
    add("cpu quota", "cpu.max", std::move(value),
        "a quota of at least 1000 and a period of 1000 to 1000000 "
        "microseconds");
  }
  if (r.cpu_burst) {
    add("cpu burst", "cpu.max.burst", std::to_string(*r.cpu_burst),
        "at most the quota");
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

/// v1's 10 to 1000 as 1 to 10000; bfq keeps the old scale.
std::uint64_t io_weight_of(std::uint16_t weight) {
  return 1 + (static_cast<std::uint64_t>(weight) - 10) * 9'999 / 990;
}

void plan_weight(const std::string& device, std::uint16_t weight,
                 Settings& all) {
  if (weight < 10 || weight > 1'000) {
    refuse("block i/o weight", std::to_string(weight), "10 to 1000");
  }
  all.push_back(
      {.what = "block i/o weight",
       .controller = "io",
       .file = "io.bfq.weight",
       .value = device + " " + std::to_string(weight),
       .undo = device + (device == "default" ? " 100" : " default"),
       .bounds = "10 to 1000",
       .other_file = "io.weight",
       .other_value = device + " " + std::to_string(io_weight_of(weight))});
}

void plan_rates(const char* what, const std::string& key,
                const std::vector<DeviceRate>& rates, Settings& all) {
  for (const DeviceRate& rate : rates) {
    const std::string start = std::to_string(rate.major) + ":" +
                              std::to_string(rate.minor) + " " + key + "=";
    all.push_back(
        {.what = what,
         .controller = "io",
         .file = "io.max",
         .value = start + (rate.rate == 0 ? "max" : std::to_string(rate.rate)),
         .undo = start + "max",
         .bounds = "MAJOR:MINOR of a whole block device"});
  }
}

void plan_io(const Resources& r, Settings& all) {
  if (is_set(r.io_weight)) {
    plan_weight("default", *r.io_weight, all);
  }
  for (const DeviceWeight& device : r.io_device_weights) {
    plan_weight(
        std::to_string(device.major) + ":" + std::to_string(device.minor),
        device.weight, all);
  }
  plan_rates("read rate", "rbps", r.io_read_bytes, all);
  plan_rates("write rate", "wbps", r.io_write_bytes, all);
  plan_rates("rate of reads", "riops", r.io_read_operations, all);
  plan_rates("rate of writes", "wiops", r.io_write_operations, all);
}

/// Whatever the kernel may know one day: "memory.high" and the like.
void plan_unified(const Resources& r, Settings& all) {
  for (const auto& [file, value] : r.unified) {
    const std::size_t dot = file.find('.');
    if (dot == 0 || dot == std::string::npos ||
        file.find('/') != std::string::npos) {
      refuse("unified resource " + file, value,
             "the name of a file in the cgroup");
    }
    all.push_back({.what = "unified resource " + file,
                   .controller = file.substr(0, dot),
                   .file = file,
                   .value = value});
  }
}

void check(const Resources& r) {
  check_page_sizes(r);
  if (is_set(r.cpu_shares) && (*r.cpu_shares < 2 || *r.cpu_shares > 262'144)) {
    refuse("cpu shares", std::to_string(*r.cpu_shares), "2 to 262144");
  }
  if (r.cpu_rt_runtime.value_or(0) > 0) {
    throw Error({.code = ENOTSUP, .call = "check"},
                "set the real-time runtime to " +
                    std::to_string(*r.cpu_rt_runtime) +
                    ": cgroup v2 has no cpu.rt_runtime_us");
  }
}

}  // namespace

std::uint64_t cpu_weight_of_shares(std::uint64_t shares) {
  // A line through (2, 1) and (262144, 10000), as runc long had it, makes 39
  // of the normal 1024. This curve, of runc 1.3 and crun 1.23, makes 100.
  const double l = std::log2(static_cast<double>(shares));
  const double exponent = (l * l + 125 * l) / 612.0 - 7.0 / 34.0;
  return static_cast<std::uint64_t>(std::ceil(std::pow(10, exponent)));
}

std::vector<Setting> plan_v2(const Resources& r) {
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
                   .file = "hugetlb." + pages.page_size + ".max",
                   .value = std::to_string(pages.bytes)});
    // What is reserved counts as well, where the kernel can limit it: a fault
    // beyond the first limit alone is a SIGBUS, hugetlb cgroup's own document.
    all.push_back({.what = "limit of reserved " + pages.page_size + " pages",
                   .controller = "hugetlb",
                   .file = "hugetlb." + pages.page_size + ".rsvd.max",
                   .value = std::to_string(pages.bytes),
                   .lifts = true});
  }
  plan_rdma(r, all);
  plan_unified(r, all);
  return all;
}

}  // namespace docker_cpp::cgroups
