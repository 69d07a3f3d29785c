// SPDX-License-Identifier: Apache-2.0
#include "stats_view.hpp"

#include <unistd.h>

#include <sstream>

#include <nlohmann/json.hpp>

#include "docker_cpp/daemon/model_json.hpp"
#include "docker_cpp/sys/file.hpp"

namespace docker_cpp::daemon::api {
namespace {

using nlohmann::json;

/// Nanoseconds that all processors together have run, idle or not: the whole
/// that a container's share is a share of. \man{proc_stat,5}
std::uint64_t system_cpu_ns() {
  std::istringstream stat(sys::read_file("/proc/stat").value_or(""));
  std::string word;
  stat >> word;
  std::uint64_t total = 0;
  std::uint64_t ticks = 0;
  for (int i = 0; i < 8 && stat >> ticks; ++i) {
    total += ticks;
  }
  constexpr std::uint64_t second = 1'000'000'000;
  return total * (second / static_cast<std::uint64_t>(::sysconf(_SC_CLK_TCK)));
}

json cpu_view(const cgroups::CpuStatistics& cpu) {
  json usage = {{"total_usage", cpu.total_ns},
                {"usage_in_kernelmode", cpu.kernel_ns},
                {"usage_in_usermode", cpu.user_ns}};
  if (!cpu.per_cpu_ns.empty()) {
    usage["percpu_usage"] = cpu.per_cpu_ns;
  }
  return {{"cpu_usage", std::move(usage)},
          {"system_cpu_usage", system_cpu_ns()},
          {"online_cpus", ::sysconf(_SC_NPROCESSORS_ONLN)},
          {"throttling_data",
           {{"periods", cpu.periods},
            {"throttled_periods", cpu.throttled_periods},
            {"throttled_time", cpu.throttled_ns}}}};
}

json empty_cpu() {
  return {{"cpu_usage",
           {{"total_usage", 0},
            {"usage_in_kernelmode", 0},
            {"usage_in_usermode", 0}}},
          {"throttling_data",
           {{"periods", 0}, {"throttled_periods", 0}, {"throttled_time", 0}}}};
}

json memory_view(const cgroups::MemoryStatistics& memory) {
  json stat = json::object();
  for (const auto& [name, value] : memory.stat) {
    stat[name] = value;
  }
  json out = {{"usage", memory.usage},
              {"limit", memory.limit},
              {"stats", std::move(stat)}};
  if (memory.max_usage > 0) {
    out["max_usage"] = memory.max_usage;
  }
  if (memory.failures > 0) {
    out["failcnt"] = memory.failures;
  }
  return out;
}

json blkio_list(const std::vector<cgroups::BlkioEntry>& entries) {
  json out = json::array();
  for (const auto& entry : entries) {
    out.push_back({{"major", entry.major},
                   {"minor", entry.minor},
                   {"op", entry.operation},
                   {"value", entry.value}});
  }
  return out;
}

json blkio_view(const cgroups::Statistics& used) {
  json out = {{"io_service_bytes_recursive", blkio_list(used.io_service_bytes)},
              {"io_serviced_recursive", blkio_list(used.io_serviced)}};
  for (const char* unused : {"io_queue_recursive", "io_service_time_recursive",
                             "io_wait_time_recursive", "io_merged_recursive",
                             "io_time_recursive", "sectors_recursive"}) {
    out[unused] = json::array();
  }
  return out;
}

/// The counters of the interfaces in the process's network namespace, which
/// /proc shows without entering it. \man{proc_pid_net,5}
json networks_view(pid_t pid) {
  json out = json::object();
  const auto path = "/proc/" + std::to_string(pid) + "/net/dev";
  std::istringstream lines(sys::read_file(path.c_str()).value_or(""));
  for (std::string line; std::getline(lines, line);) {
    const auto colon = line.find(':');
    if (colon == std::string::npos) {
      continue;
    }
    const auto begin = std::min(line.find_first_not_of(' '), colon);
    const auto name = line.substr(begin, colon - begin);
    std::array<std::uint64_t, 12> value{};
    std::istringstream fields(line.substr(colon + 1));
    for (auto& one : value) {
      fields >> one;
    }
    if (name != "lo") {
      out[name] = {{"rx_bytes", value[0]},   {"rx_packets", value[1]},
                   {"rx_errors", value[2]},  {"rx_dropped", value[3]},
                   {"tx_bytes", value[8]},   {"tx_packets", value[9]},
                   {"tx_errors", value[10]}, {"tx_dropped", value[11]}};
    }
  }
  return out;
}

json frame(const Container& container) {
  return {{"id", container.id},
          {"name", "/" + container.name},
          {"read", format_time(std::chrono::system_clock::now())},
          {"preread", format_time(Time{})},
          {"num_procs", 0},
          {"storage_stats", json::object()},
          {"precpu_stats", empty_cpu()}};
}

}  // namespace

json stats_view(const Container& container, const cgroups::Statistics& used) {
  json out = frame(container);
  out["cpu_stats"] = cpu_view(used.cpu);
  out["memory_stats"] = memory_view(used.memory);
  out["blkio_stats"] = blkio_view(used);
  out["pids_stats"] = {{"current", used.pids.current}};
  if (used.pids.limit > 0) {
    out["pids_stats"]["limit"] = used.pids.limit;
  }
  if (auto networks = networks_view(container.pid); !networks.empty()) {
    out["networks"] = std::move(networks);
  }
  return out;
}

json empty_stats_view(const Container& container) {
  json out = frame(container);
  out["read"] = format_time(Time{});
  out["cpu_stats"] = empty_cpu();
  out["memory_stats"] = json::object();
  out["blkio_stats"] = blkio_view({});
  out["pids_stats"] = json::object();
  return out;
}

}  // namespace docker_cpp::daemon::api
