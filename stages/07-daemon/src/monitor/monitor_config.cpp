// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/daemon/monitor_config.hpp"

#include <stdexcept>

#include <nlohmann/json.hpp>

namespace docker_cpp::monitor {

using nlohmann::json;

std::string print_monitor_config(const MonitorConfig& config) {
  const json value = {
      {"id", config.id},
      {"tty", config.tty},
      {"openStdin", config.open_stdin},
      {"stdinOnce", config.stdin_once},
      {"logPath", config.log_path},
      {"logMaxSize", config.log_max_size},
      {"logMaxFile", config.log_max_file},
      {"logCompress", config.log_compress},
      {"logDriver", config.log_driver},
      {"logOptions", config.log_options},
      {"logAttributes", config.log_attributes},
      {"logTag", config.log_tag},
      {"runtime", config.runtime},
      {"seccompProgram", config.seccomp_program},
      {"lower", config.lower},
      {"upper", config.upper},
      {"work", config.work},
      {"durable", config.durable},
      {"containerPid", config.container_pid},
      {"cgroup", config.cgroup},
  };
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

MonitorConfig parse_monitor_config(std::string_view text) {
  try {
    const json value = json::parse(text);
    MonitorConfig config;
    config.id = value.at("id").get<std::string>();
    config.tty = value.value("tty", false);
    config.open_stdin = value.value("openStdin", false);
    config.stdin_once = value.value("stdinOnce", false);
    config.log_path = value.value("logPath", "");
    config.log_max_size = value.value("logMaxSize", std::uint64_t{0});
    config.log_max_file = value.value("logMaxFile", 1U);
    using Map = std::map<std::string, std::string>;
    config.log_compress = value.value("logCompress", false);
    config.log_driver = value.value("logDriver", "json-file");
    config.log_options = value.value("logOptions", Map());
    config.log_attributes = value.value("logAttributes", Map());
    config.log_tag = value.value("logTag", "");
    config.runtime = value.value("runtime", std::vector<std::string>());
    config.seccomp_program = value.value("seccompProgram", "");
    config.lower = value.value("lower", std::vector<std::string>());
    config.upper = value.value("upper", "");
    config.work = value.value("work", "");
    config.durable = value.value("durable", true);
    config.container_pid = value.value("containerPid", 0);
    config.cgroup = value.value("cgroup", "");
    return config;
  } catch (const json::exception& error) {
    throw std::runtime_error(std::string("read monitor.json: ") + error.what());
  }
}

}  // namespace docker_cpp::monitor
