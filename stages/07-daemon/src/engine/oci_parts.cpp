// SPDX-License-Identifier: Apache-2.0
#include "oci_parts.hpp"

#include <algorithm>
#include <array>

#include "docker_cpp/daemon/api_error.hpp"

namespace docker_cpp::daemon {
namespace {

constexpr std::array ulimit_names = {
    "as",      "core",     "cpu",        "data",   "fsize", "locks",
    "memlock", "msgqueue", "nice",       "nofile", "nproc", "rss",
    "rtprio",  "rttime",   "sigpending", "stack"};

std::string upper(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), [](unsigned char c) {
    return static_cast<char>(std::toupper(c));
  });
  return result;
}

/// A namespace: new, the host's (left out), or another container's.
struct NamespaceChoice {
  const char* type;
  const char* proc_name;
  std::string_view mode;
};

void add_namespace(json& list, const NamespaceChoice& choice,
                   const OciContext& context) {
  constexpr std::string_view container = "container:";
  if (choice.mode == "host") {
    return;
  }
  json entry = {{"type", choice.type}};
  if (choice.mode.starts_with(container)) {
    const pid_t pid = context.pid_of(choice.mode.substr(container.size()));
    entry["path"] = "/proc/" + std::to_string(pid) + "/ns/" + choice.proc_name;
  }
  list.push_back(std::move(entry));
}

json memory_part(const HostConfig& host) {
  json memory = json::object();
  if (host.memory != 0) {
    memory["limit"] = host.memory;
    // As Docker: as much swap again, unless told otherwise.
    memory["swap"] = host.memory_swap == 0 ? host.memory * 2 : host.memory_swap;
  }
  if (host.memory_reservation != 0) {
    memory["reservation"] = host.memory_reservation;
  }
  if (host.memory_swappiness && *host.memory_swappiness != -1) {
    memory["swappiness"] = *host.memory_swappiness;
  }
  if (host.oom_kill_disable.value_or(false)) {
    memory["disableOOMKiller"] = true;
  }
  return memory;
}

json cpu_part(const HostConfig& host) {
  constexpr std::int64_t period = 100'000;
  constexpr std::int64_t nano = 1'000'000'000;
  json cpu = json::object();
  if (host.nano_cpus != 0) {
    cpu["period"] = period;
    cpu["quota"] = host.nano_cpus / (nano / period);
  }
  if (host.cpu_shares != 0) {
    cpu["shares"] = host.cpu_shares;
  }
  if (host.cpu_period != 0) {
    cpu["period"] = host.cpu_period;
  }
  if (host.cpu_quota != 0) {
    cpu["quota"] = host.cpu_quota;
  }
  if (host.cpu_realtime_period != 0) {
    cpu["realtimePeriod"] = host.cpu_realtime_period;
  }
  if (host.cpu_realtime_runtime != 0) {
    cpu["realtimeRuntime"] = host.cpu_realtime_runtime;
  }
  if (!host.cpuset_cpus.empty()) {
    cpu["cpus"] = host.cpuset_cpus;
  }
  if (!host.cpuset_mems.empty()) {
    cpu["mems"] = host.cpuset_mems;
  }
  return cpu;
}

}  // namespace

/// Names are looked up in the container's own files, when it starts.
json user_part(const std::string& user, const Strings& group_add) {
  return {{"uid", 0},
          {"gid", 0},
          {"username", user.empty() ? "0" : user},
          {"groupnames", group_add}};
}

json rlimits_part(const std::vector<Ulimit>& ulimits) {
  json list = json::array();
  for (const Ulimit& ulimit : ulimits) {
    if (std::ranges::find(ulimit_names, ulimit.name) == ulimit_names.end()) {
      throw ApiError(ErrorCode::invalid_argument,
                     "invalid ulimit type: " + ulimit.name);
    }
    list.push_back({{"type", "RLIMIT_" + upper(ulimit.name)},
                    {"soft", static_cast<std::uint64_t>(ulimit.soft)},
                    {"hard", static_cast<std::uint64_t>(ulimit.hard)}});
  }
  return list;
}

json namespaces_part(const HostConfig& host, const OciContext& context) {
  json list = json::array();
  list.push_back({{"type", "mount"}});
  add_namespace(list, {"network", "net", host.network_mode}, context);
  add_namespace(list, {"uts", "uts", host.uts_mode}, context);
  add_namespace(list, {"pid", "pid", host.pid_mode}, context);
  add_namespace(list, {"ipc", "ipc", host.ipc_mode}, context);
  if (host.cgroupns_mode == "private") {
    list.push_back({{"type", "cgroup"}});
  }
  return list;
}

json resources_part(const HostConfig& host) {
  json resources = {{"devices", device_rules_part(host)}};
  if (json memory = memory_part(host); !memory.empty()) {
    resources["memory"] = std::move(memory);
  }
  if (json cpu = cpu_part(host); !cpu.empty()) {
    resources["cpu"] = std::move(cpu);
  }
  if (host.pids_limit && *host.pids_limit != 0) {
    resources["pids"] = {{"limit", *host.pids_limit}};
  }
  if (json block_io = block_io_part(host); !block_io.empty()) {
    resources["blockIO"] = std::move(block_io);
  }
  return resources;
}

json sysctls_part(const HostConfig& host) {
  json value = json::object();
  const bool own_network = host.network_mode != "host" &&
                           !host.network_mode.starts_with("container:");
  if (own_network) {  // as Docker: what needs no power anyway in here
    value["net.ipv4.ip_unprivileged_port_start"] = "0";
    value["net.ipv4.ping_group_range"] = "0 2147483647";
  }
  for (const auto& [key, setting] : host.sysctls) {
    value[key] = setting;
  }
  return value;
}

}  // namespace docker_cpp::daemon
