// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "create_body_parts.hpp"

#include "docker_cpp/cli/create_parts.hpp"
#include "docker_cpp/cli/text.hpp"

namespace docker_cpp::cli {
namespace {

using Parser = Parsed<Value> (*)(const std::string&);

void set_parsed(const Arguments& arguments, std::string_view option,
                Value& host, std::string_view key, Parser parse) {
  for (const auto& text : arguments.list(option)) {
    auto value = parse(text);
    if (!value) {
      throw Failure(value.error());
    }
    host.member(key).append(*std::move(value));
  }
}

void add_block_io(const Arguments& arguments, Value& host) {
  set_number(arguments, "blkio-weight", host, "BlkioWeight");
  set_parsed(arguments, "blkio-weight-device", host, "BlkioWeightDevice",
             parse_weight);
  set_parsed(arguments, "device-read-bps", host, "BlkioDeviceReadBps",
             parse_rate);
  set_parsed(arguments, "device-write-bps", host, "BlkioDeviceWriteBps",
             parse_rate);
  set_parsed(arguments, "device-read-iops", host, "BlkioDeviceReadIOps",
             parse_count_rate);
  set_parsed(arguments, "device-write-iops", host, "BlkioDeviceWriteIOps",
             parse_count_rate);
}

void add_memory(const Arguments& arguments, Value& host) {
  set_bytes(arguments, "memory", host, "Memory");
  set_bytes(arguments, "memory-reservation", host, "MemoryReservation");
  set_bytes(arguments, "memory-swap", host, "MemorySwap");
  set_bytes(arguments, "shm-size", host, "ShmSize");
  if (const auto swappiness = arguments.number("memory-swappiness");
      swappiness && *swappiness != -1) {
    if (*swappiness < 0 || *swappiness > 100) {
      throw Failure("invalid value: " + std::to_string(*swappiness) +
                    ". Valid memory swappiness range is 0-100");
    }
    host.set("MemorySwappiness", *swappiness);
  }
  set_flag(arguments, "oom-kill-disable", host, "OomKillDisable");
  set_number(arguments, "oom-score-adj", host, "OomScoreAdj");
}

/// "all", "2" or "device=0,capabilities=…".
Value gpu_request(const std::string& text) {
  auto request = Value::object();
  auto capabilities = Value::strings({"gpu"});
  std::int64_t count = 1;
  for (const auto& field : csv_fields(text)) {
    const auto [key, value] = cut(field, '=');
    if (field == "all" || (key == "count" && value == "all")) {
      count = -1;
    } else if (key == "driver") {
      request.set("Driver", value);
    } else if (key == "device") {
      request.set("DeviceIDs", Value::strings(split(value, ",")));
      count = 0;
    } else if (key == "capabilities") {
      for (const auto& one : split(value, ",")) {
        capabilities.append(one);
      }
    } else if (const auto number =
                   parse_integer(key == "count" ? value : field)) {
      count = *number;
    } else {
      throw Failure("unexpected key '" + key + "' in '" + field + "'");
    }
  }
  if (count != 0) {
    request.set("Count", count);
  }
  return request.set("Capabilities", Value::array().append(capabilities));
}

void add_devices(const Arguments& arguments, Value& host) {
  set_parsed(arguments, "device", host, "Devices", parse_device);
  set_list(arguments, "device-cgroup-rule", host, "DeviceCgroupRules");
  for (const auto& gpus : arguments.list("gpus")) {
    host.member("DeviceRequests").append(gpu_request(gpus));
  }
}

}  // namespace

void add_resources(const Arguments& arguments, Value& host) {
  add_memory(arguments, host);
  if (arguments.given("cpus")) {
    host.set("NanoCpus", parse_nano_cpus(arguments.text("cpus")).value_or(0));
  }
  set_number(arguments, "cpu-shares", host, "CpuShares");
  set_number(arguments, "cpu-period", host, "CpuPeriod");
  set_number(arguments, "cpu-quota", host, "CpuQuota");
  set_number(arguments, "cpu-rt-period", host, "CpuRealtimePeriod");
  set_number(arguments, "cpu-rt-runtime", host, "CpuRealtimeRuntime");
  set_number(arguments, "cpu-count", host, "CpuCount");
  set_number(arguments, "cpu-percent", host, "CpuPercent");
  set_text(arguments, "cpuset-cpus", host, "CpusetCpus");
  set_text(arguments, "cpuset-mems", host, "CpusetMems");
  set_number(arguments, "pids-limit", host, "PidsLimit");
  set_number(arguments, "io-maxiops", host, "IOMaximumIOps");
  set_bytes(arguments, "io-maxbandwidth", host, "IOMaximumBandwidth");
  add_block_io(arguments, host);
  add_devices(arguments, host);
  set_parsed(arguments, "ulimit", host, "Ulimits", parse_ulimit);
}

}  // namespace docker_cpp::cli
