// SPDX-License-Identifier: Apache-2.0
#include "commands/stats_row.hpp"

#include <array>
#include <cstdio>

#include "docker_cpp/cli/text.hpp"
#include "docker_cpp/cli/units.hpp"

namespace docker_cpp::cli {
namespace {

double real(const Value& value) {
  if (const auto* number = std::get_if<double>(&value.data())) {
    return *number;
  }
  if (const auto* number = std::get_if<std::uint64_t>(&value.data())) {
    return static_cast<double>(*number);
  }
  return static_cast<double>(value.number());
}

std::string percent(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.2f%%", value);
  return text.data();
}

std::string network_traffic(const Value& networks) {
  double received = 0;
  double sent = 0;
  for (const auto& [name, counts] : networks.members()) {
    received += real(counts["rx_bytes"]);
    sent += real(counts["tx_bytes"]);
  }
  return human_size(received, 3) + " / " + human_size(sent, 3);
}

std::string block_traffic(const Value& entries) {
  double read = 0;
  double written = 0;
  for (const auto& entry : entries.items()) {
    const auto& operation = entry["op"].text();
    if (operation.starts_with('r') || operation.starts_with('R')) {
      read += real(entry["value"]);
    } else if (operation.starts_with('w') || operation.starts_with('W')) {
      written += real(entry["value"]);
    }
  }
  return human_size(read, 3) + " / " + human_size(written, 3);
}

Value dashes(const std::string& container) {
  return Value::object()
      .set("BlockIO", "-- / --")
      .set("CPUPerc", "--")
      .set("Container", container)
      .set("ID", "")
      .set("MemPerc", "--")
      .set("MemUsage", "-- / --")
      .set("Name", "--")
      .set("NetIO", "-- / --")
      .set("PIDs", "--");
}

}  // namespace

double cpu_percent(const Value& sample) {
  const auto& now = sample["cpu_stats"];
  const auto& before = sample["precpu_stats"];
  const auto used = real(now["cpu_usage"]["total_usage"]) -
                    real(before["cpu_usage"]["total_usage"]);
  const auto passed =
      real(now["system_cpu_usage"]) - real(before["system_cpu_usage"]);
  auto cpus = real(now["online_cpus"]);
  if (cpus == 0) {
    cpus = static_cast<double>(now["cpu_usage"]["percpu_usage"].size());
  }
  return used > 0 && passed > 0 ? used / passed * cpus * 100 : 0;
}

double memory_used(const Value& sample) {
  const auto& memory = sample["memory_stats"];
  const auto usage = real(memory["usage"]);
  // cgroup version 1 has the hierarchy's sum under another name.
  for (const auto* name : {"total_inactive_file", "inactive_file"}) {
    if (const auto* cache = memory["stats"].find(name)) {
      return real(*cache) < usage ? usage - real(*cache) : usage;
    }
  }
  return usage;
}

Value stats_row(const std::string& container, const Value& sample) {
  if (sample.is_null()) {
    return dashes(container);
  }
  const auto limit = real(sample["memory_stats"]["limit"]);
  const auto used = memory_used(sample);
  auto name = sample["name"].text();
  if (name.starts_with('/')) {
    name.erase(0, 1);
  }
  return Value::object()
      .set("BlockIO",
           block_traffic(sample["blkio_stats"]["io_service_bytes_recursive"]))
      .set("CPUPerc", percent(cpu_percent(sample)))
      .set("Container", container)
      .set("ID", sample["id"].text())
      .set("MemPerc", percent(limit == 0 ? 0 : used / limit * 100))
      .set("MemUsage", bytes_size(used) + " / " + bytes_size(limit))
      .set("Name", name)
      .set("NetIO", network_traffic(sample["networks"]))
      .set("PIDs", std::to_string(sample["pids_stats"]["current"].number()));
}

}  // namespace docker_cpp::cli
