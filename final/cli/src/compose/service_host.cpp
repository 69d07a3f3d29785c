// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "compose/normalise.hpp"
#include "compose/service_body.hpp"

#include "docker_cpp/cli/create_parts.hpp"
#include "docker_cpp/cli/failure.hpp"
#include "docker_cpp/cli/text.hpp"
#include "docker_cpp/cli/units.hpp"

namespace docker_cpp::cli::compose {
namespace {

template <typename T>
T checked(Parsed<T> parsed, const std::string& place) {
  if (!parsed) {
    throw Failure(place + ": " + parsed.error());
  }
  return *std::move(parsed);
}

class HostSettings {
 public:
  HostSettings(const std::string& place, const Value& service, Value& host)
      : place_(place), service_(service), host_(host) {}

  void run() {
    flags();
    texts();
    lists();
    numbers();
    limits();
    deploy();
    restart();
    devices();
    ulimits();
    if (service_["sysctls"].size() > 0) {
      host_.set("Sysctls", service_["sysctls"]);
    }
    if (service_["storage_opt"].size() > 0) {
      host_.set("StorageOpt", service_["storage_opt"]);
    }
    if (service_["annotations"].size() > 0) {
      host_.set("Annotations", service_["annotations"]);
    }
    logging();
  }

 private:
  void flags() {
    for (const auto& [key, target] :
         Pairs{{"privileged", "Privileged"},
               {"read_only", "ReadonlyRootfs"},
               {"init", "Init"},
               {"oom_kill_disable", "OomKillDisable"}}) {
      if (!service_[key].is_null()) {
        host_.set(target, Value(truth(service_[key])));
      }
    }
  }

  void texts() {
    for (const auto& [key, target] : Pairs{{"ipc", "IpcMode"},
                                           {"pid", "PidMode"},
                                           {"uts", "UTSMode"},
                                           {"userns_mode", "UsernsMode"},
                                           {"cgroup", "CgroupnsMode"},
                                           {"cgroup_parent", "CgroupParent"},
                                           {"runtime", "Runtime"},
                                           {"isolation", "Isolation"},
                                           {"cpuset", "CpusetCpus"}}) {
      if (const auto text = scalar(service_[key]); !text.empty()) {
        host_.set(target, text);
      }
    }
  }

  void lists() {
    for (const auto& [key, target] :
         Pairs{{"cap_add", "CapAdd"},
               {"cap_drop", "CapDrop"},
               {"dns", "Dns"},
               {"dns_search", "DnsSearch"},
               {"dns_opt", "DnsOptions"},
               {"security_opt", "SecurityOpt"},
               {"group_add", "GroupAdd"},
               {"device_cgroup_rules", "DeviceCgroupRules"}}) {
      if (service_[key].size() > 0) {
        host_.set(target, Value::strings(as_texts(service_[key])));
      }
    }
    auto hosts = Value::array();
    for (const auto& entry : service_["extra_hosts"].items()) {
      hosts.append(
          checked(parse_extra_host(entry.text()), place_ + ".extra_hosts"));
    }
    if (hosts.size() > 0) {
      host_.set("ExtraHosts", hosts);
    }
  }

  void numbers() {
    for (const auto& [key, target] :
         Pairs{{"cpu_shares", "CpuShares"},
               {"cpu_quota", "CpuQuota"},
               {"cpu_period", "CpuPeriod"},
               {"cpu_count", "CpuCount"},
               {"cpu_rt_period", "CpuRealtimePeriod"},
               {"cpu_rt_runtime", "CpuRealtimeRuntime"},
               {"pids_limit", "PidsLimit"},
               {"oom_score_adj", "OomScoreAdj"},
               {"mem_swappiness", "MemorySwappiness"}}) {
      if (!service_[key].is_null()) {
        host_.set(target, Value(whole_number(service_[key])));
      }
    }
  }

  void bytes(const Value& value, const char* target, const std::string& key) {
    if (value.is_null()) {
      return;
    }
    const auto text = scalar(value);
    host_.set(target, text == "-1" ? Value(-1)
                                   : Value(checked(parse_bytes(text),
                                                   place_ + "." + key)));
  }

  void cpus(const Value& value, const std::string& key) {
    if (!value.is_null()) {
      host_.set("NanoCpus", Value(checked(parse_nano_cpus(scalar(value)),
                                          place_ + "." + key)));
    }
  }

  void limits() {
    bytes(service_["mem_limit"], "Memory", "mem_limit");
    bytes(service_["mem_reservation"], "MemoryReservation", "mem_reservation");
    bytes(service_["memswap_limit"], "MemorySwap", "memswap_limit");
    bytes(service_["shm_size"], "ShmSize", "shm_size");
    cpus(service_["cpus"], "cpus");
    const auto& block = service_["blkio_config"];
    if (!block["weight"].is_null()) {
      host_.set("BlkioWeight", Value(whole_number(block["weight"])));
    }
    for (const auto& [key, target] :
         Pairs{{"device_read_bps", "BlkioDeviceReadBps"},
               {"device_write_bps", "BlkioDeviceWriteBps"},
               {"device_read_iops", "BlkioDeviceReadIOps"},
               {"device_write_iops", "BlkioDeviceWriteIOps"}}) {
      for (const auto& entry : block[key].items()) {
        host_.member(target).append(
            Value::object()
                .set("Path", entry["path"].text())
                .set("Rate", Value(checked(parse_bytes(scalar(entry["rate"])),
                                           place_ + ".blkio_config"))));
      }
    }
  }

  void deploy() {
    const auto& resources = service_["deploy"]["resources"];
    const auto& most = resources["limits"];
    bytes(most["memory"], "Memory", "deploy.resources.limits.memory");
    cpus(most["cpus"], "deploy.resources.limits.cpus");
    if (!most["pids"].is_null()) {
      host_.set("PidsLimit", Value(whole_number(most["pids"])));
    }
    bytes(resources["reservations"]["memory"], "MemoryReservation",
          "deploy.resources.reservations.memory");
    if (resources["reservations"]["devices"].size() > 0 ||
        !service_["gpus"].is_null()) {
      throw Failure(place_ + ": GPUs are not supported by this engine");
    }
  }

  void restart() {
    auto text = scalar(service_["restart"]);
    const auto& policy = service_["deploy"]["restart_policy"];
    if (text.empty() && policy["condition"].is_string()) {
      const auto& condition = policy["condition"].text();
      text = condition == "any" ? "always" : condition;
      if (condition == "on-failure" && !policy["max_attempts"].is_null()) {
        text += ":" + scalar(policy["max_attempts"]);
      }
    }
    // "no" without quotes is YAML 1.1's false.
    text = text == "false" || text == "none" ? "no" : text;
    if (!text.empty()) {
      host_.set("RestartPolicy",
                checked(parse_restart(text), place_ + ".restart"));
    }
  }

  void devices() {
    for (const auto& entry : service_["devices"].items()) {
      auto text = scalar(entry);
      if (entry.is_object()) {
        text = entry["source"].text() + ":" + entry["target"].text() + ":" +
               (entry["permissions"].is_string() ? entry["permissions"].text()
                                                 : "rwm");
      }
      host_.member("Devices").append(
          checked(parse_device(text), place_ + ".devices"));
    }
  }

  void ulimits() {
    for (const auto& [name, limit] : service_["ulimits"].members()) {
      const auto text = limit.is_object() ? scalar(limit["soft"]) + ":" +
                                                scalar(limit["hard"])
                                          : scalar(limit);
      host_.member("Ulimits").append(
          checked(parse_ulimit(name + "=" + text), place_ + ".ulimits"));
    }
  }

  void logging() {
    const auto& logging = service_["logging"];
    if (logging.is_null()) {
      return;
    }
    auto config = Value::object();
    config.set("Type", logging["driver"].text());
    config.set("Config", as_mapping(logging["options"]));
    host_.set("LogConfig", config);
  }

  const std::string& place_;
  const Value& service_;
  Value& host_;
};

}  // namespace

void add_host_settings(const std::string& place, const Value& service,
                       Value& host) {
  HostSettings(place, service, host).run();
}

}  // namespace docker_cpp::cli::compose
