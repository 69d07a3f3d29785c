// SPDX-License-Identifier: Apache-2.0
#include "compose/normalise.hpp"

#include <algorithm>
#include <array>
#include <filesystem>

#include "compose/normalise_parts.hpp"
#include "compose/yaml.hpp"
#include "file_io.hpp"

#include "docker_cpp/cli/failure.hpp"
#include "docker_cpp/cli/template.hpp"
#include "docker_cpp/cli/text.hpp"
#include "docker_cpp/cli/units.hpp"

namespace docker_cpp::cli::compose {
namespace {

/// What a service may say; anything else is a mistake that is told.
constexpr std::array known_keys = {"annotations",
                                   "attach",
                                   "blkio_config",
                                   "build",
                                   "cap_add",
                                   "cap_drop",
                                   "cgroup",
                                   "cgroup_parent",
                                   "command",
                                   "configs",
                                   "container_name",
                                   "cpu_count",
                                   "cpu_percent",
                                   "cpu_period",
                                   "cpu_quota",
                                   "cpu_rt_period",
                                   "cpu_rt_runtime",
                                   "cpu_shares",
                                   "cpus",
                                   "cpuset",
                                   "credential_spec",
                                   "depends_on",
                                   "deploy",
                                   "develop",
                                   "device_cgroup_rules",
                                   "devices",
                                   "dns",
                                   "dns_opt",
                                   "dns_search",
                                   "domainname",
                                   "entrypoint",
                                   "env_file",
                                   "environment",
                                   "expose",
                                   "extends",
                                   "external_links",
                                   "extra_hosts",
                                   "gpus",
                                   "group_add",
                                   "healthcheck",
                                   "hostname",
                                   "image",
                                   "init",
                                   "ipc",
                                   "isolation",
                                   "label_file",
                                   "labels",
                                   "links",
                                   "logging",
                                   "mac_address",
                                   "mem_limit",
                                   "mem_reservation",
                                   "mem_swappiness",
                                   "memswap_limit",
                                   "network_mode",
                                   "networks",
                                   "oom_kill_disable",
                                   "oom_score_adj",
                                   "pid",
                                   "pids_limit",
                                   "platform",
                                   "ports",
                                   "post_start",
                                   "pre_stop",
                                   "privileged",
                                   "profiles",
                                   "provider",
                                   "pull_policy",
                                   "read_only",
                                   "restart",
                                   "runtime",
                                   "scale",
                                   "secrets",
                                   "security_opt",
                                   "shm_size",
                                   "stdin_open",
                                   "stop_grace_period",
                                   "stop_signal",
                                   "storage_opt",
                                   "sysctls",
                                   "tmpfs",
                                   "tty",
                                   "ulimits",
                                   "user",
                                   "userns_mode",
                                   "use_api_socket",
                                   "uts",
                                   "volumes",
                                   "volumes_from",
                                   "working_dir"};

void check_keys(const std::string& name, const Value& service) {
  if (!service.is_object()) {
    throw Failure("services." + name + " must be a mapping");
  }
  for (const auto& [key, value] : service.members()) {
    if (!key.starts_with("x-") &&
        std::ranges::find(known_keys, key) == known_keys.end()) {
      throw Failure("validating services." + name + " additional properties '" +
                    key + "' not allowed");
    }
  }
}

Value command_list(const Value& value, const std::string& place) {
  if (!value.is_string()) {
    return value.is_array() ? Value::strings(as_texts(value)) : value;
  }
  auto words = shell_words(value.text());
  if (!words) {
    throw Failure(place + ": " + words.error());
  }
  return Value::strings(*words);
}

Value environment_of(const Value& value, const Variables& variables) {
  auto result = Value::object();
  const auto given = as_mapping(value);
  for (const auto& [key, entry] : given.members()) {
    const auto known = variables.find(key);
    result.set(key, entry.is_null() && known != variables.end()
                        ? Value(known->second)
                        : entry);
  }
  return result;
}

Value depends_on(const Value& value) {
  auto result = Value::object();
  for (const auto& name : value.items()) {
    result.set(name.text(), Value::object()
                                .set("condition", "service_started")
                                .set("required", Value(true)));
  }
  for (const auto& [name, given] : value.members()) {
    auto entry = given;
    if (entry["condition"].is_null()) {
      entry.set("condition", "service_started");
    }
    if (entry["required"].is_null()) {
      entry.set("required", Value(true));
    }
    result.set(name, entry);
  }
  return result;
}

Value networks_of(const Value& value) {
  auto result = Value::object();
  for (const auto& name : value.items()) {
    result.set(name.text(), Value());
  }
  for (const auto& [name, given] : value.members()) {
    result.set(name, given);
  }
  return result;
}

Value build_of(const Value& value, const std::string& folder) {
  auto build =
      value.is_string() ? Value::object().set("context", value) : value;
  const auto& context = build["context"].text();
  const bool remote =
      context.find("://") != std::string::npos || context.starts_with("git@");
  if (!remote) {
    build.set("context", absolute(context.empty() ? "." : context, folder));
  }
  if (build["dockerfile"].is_null() && build["dockerfile_inline"].is_null()) {
    build.set("dockerfile", "Dockerfile");
  }
  if (!build["args"].is_null()) {
    build.set("args", as_mapping(build["args"]));
  }
  if (!build["labels"].is_null()) {
    build.set("labels", as_mapping(build["labels"]));
  }
  return build;
}

Value env_files(const Value& value, const std::string& folder) {
  auto list = Value::array();
  const auto add = [&](const Value& entry) {
    const auto path = entry.is_object() ? entry["path"].text() : scalar(entry);
    auto file = entry.is_object() ? entry : Value::object();
    file.set("path", absolute(path, folder));
    if (file["required"].is_null()) {
      file.set("required", Value(true));
    }
    list.append(std::move(file));
  };
  if (value.is_array()) {
    std::ranges::for_each(value.items(), add);
  } else if (!value.is_null()) {
    add(value);
  }
  return list;
}

Value healthcheck_of(const Value& value) {
  auto check = value;
  if (check["test"].is_string()) {
    check.set("test", Value::strings({"CMD-SHELL", check["test"].text()}));
  }
  return check;
}

/// "!reset" stays one; anything else is turned by `turn`.
template <typename Turn>
void replace(Value& service, std::string_view key, Turn turn) {
  const auto* found = service.find(key);
  if (found == nullptr || found->find(reset_key) != nullptr) {
    return;
  }
  if (const auto* inner = found->find(override_key)) {
    service.set(key, Value::object().set(override_key, turn(*inner)));
    return;
  }
  service.set(key, turn(*found));
}

}  // namespace

std::string scalar(const Value& value) {
  return value.is_string() ? value.text()
                           : (value.is_null() ? "" : print_go(value));
}

bool truth(const Value& value) {
  const auto text = to_lower(scalar(value));
  return text == "true" || text == "yes" || text == "on" || text == "y" ||
         text == "1";
}

std::int64_t whole_number(const Value& value) {
  return value.is_string() ? parse_integer(value.text()).value_or(0)
                           : value.number();
}

std::vector<std::string> as_texts(const Value& value) {
  std::vector<std::string> texts;
  for (const auto& item : value.items()) {
    texts.push_back(scalar(item));
  }
  if (!value.is_array() && !value.is_null()) {
    texts.push_back(scalar(value));
  }
  return texts;
}

Value as_mapping(const Value& value, char separator) {
  auto result = Value::object();
  for (const auto& item : value.items()) {
    const auto text = scalar(item);
    const auto at = text.find(separator);
    result.set(text.substr(0, at),
               at == std::string::npos ? Value() : Value(text.substr(at + 1)));
  }
  for (const auto& [key, entry] : value.members()) {
    result.set(key, entry.is_null() ? Value() : Value(scalar(entry)));
  }
  return result;
}

std::string absolute(const std::string& path, const std::string& folder) {
  if (path.starts_with("~")) {
    return environment("HOME") + path.substr(1);
  }
  const auto joined = std::filesystem::path(folder) / path;
  auto text = joined.lexically_normal().string();
  if (text.size() > 1 && text.ends_with('/')) {
    text.pop_back();
  }
  return text;
}

Value normalise_service(const std::string& name, const Value& given,
                        const std::string& folder, const Variables& variables) {
  check_keys(name, given);
  auto service = given;
  const auto place = "services." + name;
  for (const auto* key : {"command", "entrypoint"}) {
    replace(service, key, [&](const Value& value) {
      return command_list(value, place + "." + key);
    });
  }
  replace(service, "environment",
          [&](const Value& value) { return environment_of(value, variables); });
  for (const auto* key : {"labels", "annotations", "sysctls", "storage_opt"}) {
    replace(service, key, [](const Value& value) { return as_mapping(value); });
  }
  for (const auto* key : {"dns", "dns_search", "tmpfs", "expose", "cap_add",
                          "profiles", "group_add", "label_file"}) {
    replace(service, key,
            [](const Value& value) { return Value::strings(as_texts(value)); });
  }
  replace(service, "extra_hosts", extra_hosts);
  replace(service, "depends_on", depends_on);
  replace(service, "networks", networks_of);
  replace(service, "healthcheck", healthcheck_of);
  replace(service, "build",
          [&](const Value& value) { return build_of(value, folder); });
  replace(service, "env_file",
          [&](const Value& value) { return env_files(value, folder); });
  replace(service, "ports",
          [&](const Value& value) { return ports_of(value, place); });
  replace(service, "volumes",
          [&](const Value& value) { return volumes_of(value, folder, place); });
  for (const auto* key : {"secrets", "configs"}) {
    replace(service, key, references_of);
  }
  return service;
}

}  // namespace docker_cpp::cli::compose
