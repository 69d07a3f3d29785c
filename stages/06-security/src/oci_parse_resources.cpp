// SPDX-License-Identifier: Apache-2.0
#include "oci_parse.hpp"

namespace docker_cpp::oci {
namespace {

using cgroups::Resources;

void read_memory(const JsonView& json, Resources& into) {
  json.read("limit", into.memory_limit);
  json.read("reservation", into.memory_reservation);
  json.read("swap", into.memory_swap);
  json.read("swappiness", into.memory_swappiness);
  json.read("disableOOMKiller", into.oom_kill_disable);
  json.read("checkBeforeUpdate", into.memory_check_before_update);
  const auto refuse_below = [&](const char* key,
                                std::optional<std::int64_t>& value) {
    if (value && *value < -1) {
      json.at(key).refuse(std::to_string(*value) +
                          " is neither -1 (no limit) nor a number of bytes");
    }
    // Docker and runc mean "as it is" by 0.
    if (value == 0) {
      value.reset();
    }
  };
  refuse_below("limit", into.memory_limit);
  refuse_below("reservation", into.memory_reservation);
  refuse_below("swap", into.memory_swap);
  // runc's callers write the highest number for "leave it".
  if (into.memory_swappiness == ~std::uint64_t{0}) {
    into.memory_swappiness.reset();
  }
  if (into.memory_swappiness.value_or(0) > 100) {
    json.at("swappiness").refuse("is not between 0 and 100");
  }
  const std::int64_t swap = into.memory_swap.value_or(-1);
  const std::int64_t limit = into.memory_limit.value_or(0);
  if (swap > 0 && limit > swap) {
    json.at("swap").refuse(std::to_string(swap) +
                           " is memory plus swap, so it cannot be less than "
                           "the memory limit " +
                           std::to_string(limit));
  }
}

void read_cpu(const JsonView& json, Resources& into) {
  json.read("shares", into.cpu_shares);
  json.read("quota", into.cpu_quota);
  json.read("period", into.cpu_period);
  json.read("burst", into.cpu_burst);
  json.read("idle", into.cpu_idle);
  json.read("realtimeRuntime", into.cpu_rt_runtime);
  json.read("realtimePeriod", into.cpu_rt_period);
  json.read("cpus", into.cpuset_cpus);
  json.read("mems", into.cpuset_mems);
  // Zero is what Go's programs write for "not set".
  const auto drop_zero = [](auto& value) {
    if (value && *value == 0) {
      value.reset();
    }
  };
  drop_zero(into.cpu_shares);
  drop_zero(into.cpu_quota);
  drop_zero(into.cpu_period);
  drop_zero(into.cpu_rt_runtime);
  drop_zero(into.cpu_rt_period);
}

std::vector<cgroups::DeviceRate> read_rates(const JsonView& block_io,
                                            const char* key) {
  std::vector<cgroups::DeviceRate> all;
  if (const auto list = block_io.find(key)) {
    for (const JsonView& item : list->items()) {
      cgroups::DeviceRate rate;
      rate.major = item.at("major").integer<std::int64_t>();
      rate.minor = item.at("minor").integer<std::int64_t>();
      item.read("rate", rate.rate);
      all.push_back(rate);
    }
  }
  return all;
}

void read_block_io(const JsonView& json, Resources& into) {
  json.read("weight", into.io_weight);
  if (into.io_weight == std::uint16_t{0}) {
    into.io_weight.reset();
  }
  if (const auto weights = json.find("weightDevice")) {
    for (const JsonView& item : weights->items()) {
      cgroups::DeviceWeight weight;
      weight.major = item.at("major").integer<std::int64_t>();
      weight.minor = item.at("minor").integer<std::int64_t>();
      item.read("weight", weight.weight);
      into.io_device_weights.push_back(weight);
    }
  }
  into.io_read_bytes = read_rates(json, "throttleReadBpsDevice");
  into.io_write_bytes = read_rates(json, "throttleWriteBpsDevice");
  into.io_read_operations = read_rates(json, "throttleReadIOPSDevice");
  into.io_write_operations = read_rates(json, "throttleWriteIOPSDevice");
}

/// "2MB": [1-9][0-9]*[KMG]B, as the schema has it.
bool is_page_size(std::string_view text) {
  const std::size_t digits = text.find_first_not_of("0123456789");
  return digits != std::string_view::npos && digits > 0 && text[0] != '0' &&
         text.size() == digits + 2 && text[digits + 1] == 'B' &&
         std::string_view("KMG").find(text[digits]) != std::string_view::npos;
}

void read_hugepages(const JsonView& json, Resources& into) {
  for (const JsonView& item : json.items()) {
    cgroups::HugepageLimit limit;
    limit.page_size = item.at("pageSize").string();
    if (!is_page_size(limit.page_size)) {
      item.at("pageSize")
          .refuse("\"" + limit.page_size + "\" is not a size such as 2MB");
    }
    limit.bytes = item.at("limit").integer<std::uint64_t>();
    into.hugepages.push_back(std::move(limit));
  }
}

void read_rdma(const JsonView& json, Resources& into) {
  for (const auto& [device, item] : json.members()) {
    cgroups::RdmaLimit limit;
    limit.device = device;
    item.read("hcaHandles", limit.handles);
    item.read("hcaObjects", limit.objects);
    into.rdma.push_back(std::move(limit));
  }
}

void read_network(const JsonView& json, Resources& into) {
  json.read("classID", into.network_class);
  if (const auto priorities = json.find("priorities")) {
    for (const JsonView& item : priorities->items()) {
      into.network_priorities.push_back(
          {.interface = item.at("name").string(),
           .priority = item.at("priority").integer<std::uint32_t>()});
    }
  }
}

cgroups::DeviceRule read_device_rule(const JsonView& json) {
  cgroups::DeviceRule rule;
  rule.allow = json.at("allow").boolean();
  std::string type = "a";
  json.read("type", type);
  if (type != "a" && type != "b" && type != "c" && !type.empty()) {
    json.at("type").refuse("unknown value \"" + type + "\"");
  }
  rule.type = type.empty() ? 'a' : type[0];
  json.read("major", rule.major);
  json.read("minor", rule.minor);
  for (auto* number : {&rule.major, &rule.minor}) {
    if (*number && **number < 0) {  // -1 is runc's "any"
      number->reset();
    }
  }
  json.read("access", rule.access);
  if (rule.access.empty()) {
    rule.access = "rwm";
  }
  if (!cgroups::parse_device_access(rule.access)) {
    json.at("access").refuse("\"" + rule.access + "\" is not made of r, w, m");
  }
  return rule;
}

}  // namespace

cgroups::Resources read_resources(const JsonView& json) {
  Resources into;
  const auto part = [&](const char* key, auto reader) {
    if (const auto present = json.find(key)) {
      reader(*present, into);
    }
  };
  part("memory", read_memory);
  part("cpu", read_cpu);
  part("blockIO", read_block_io);
  part("hugepageLimits", read_hugepages);
  part("rdma", read_rdma);
  part("network", read_network);
  json.read("unified", into.unified);
  if (const auto pids = json.find("pids")) {
    into.pids_limit = pids->at("limit").integer<std::int64_t>();
  }
  if (const auto devices = json.find("devices")) {
    for (const JsonView& item : devices->items()) {
      into.devices.push_back(read_device_rule(item));
    }
  }
  return into;
}

}  // namespace docker_cpp::oci
