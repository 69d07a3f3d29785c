// SPDX-License-Identifier: Apache-2.0
#include "json_reader.hpp"

#include "docker_cpp/images/image.hpp"

namespace docker_cpp::images {
namespace {

void add_text(Json& into, const char* key, const std::string& value) {
  if (!value.empty()) {
    into[key] = value;
  }
}

Json key_set(const std::vector<std::string>& keys) {
  Json set = Json::object();
  for (const std::string& key : keys) {
    set[key] = Json::object();
  }
  return set;
}

Json print(const Healthcheck& check) {
  Json out = Json::object();
  const auto add = [&](const char* key, std::int64_t value) {
    if (value != 0) {
      out[key] = value;
    }
  };
  if (!check.test.empty()) {
    out["Test"] = check.test;
  }
  add("Interval", check.interval);
  add("Timeout", check.timeout);
  add("StartPeriod", check.start_period);
  add("StartInterval", check.start_interval);
  add("Retries", check.retries);
  return out;
}

Json print(const ImageConfig& config) {
  Json out = Json::object();
  add_text(out, "User", config.user);
  add_text(out, "WorkingDir", config.working_dir);
  add_text(out, "StopSignal", config.stop_signal);
  if (!config.env.empty()) {
    out["Env"] = config.env;
  }
  if (config.cmd) {
    out["Cmd"] = *config.cmd;
  }
  if (config.entrypoint) {
    out["Entrypoint"] = *config.entrypoint;
  }
  if (!config.labels.empty()) {
    out["Labels"] = config.labels;
  }
  if (!config.exposed_ports.empty()) {
    out["ExposedPorts"] = key_set(config.exposed_ports);
  }
  if (!config.volumes.empty()) {
    out["Volumes"] = key_set(config.volumes);
  }
  if (config.stop_timeout) {
    out["StopTimeout"] = *config.stop_timeout;
  }
  if (!config.shell.empty()) {
    out["Shell"] = config.shell;
  }
  if (!config.on_build.empty()) {
    out["OnBuild"] = config.on_build;
  }
  if (config.healthcheck) {
    out["Healthcheck"] = print(*config.healthcheck);
  }
  return out;
}

Json print(const HistoryEntry& entry) {
  Json out = Json::object();
  add_text(out, "created", entry.created);
  add_text(out, "created_by", entry.created_by);
  add_text(out, "author", entry.author);
  add_text(out, "comment", entry.comment);
  if (entry.empty_layer) {
    out["empty_layer"] = true;
  }
  return out;
}

}  // namespace

std::string print_image_config(const Image& image) {
  Json out = {{"architecture", image.architecture},
              {"os", image.os},
              {"config", print(image.config)},
              {"history", Json::array()}};
  add_text(out, "variant", image.variant);
  add_text(out, "created", image.created_text);
  add_text(out, "author", image.author);
  for (const HistoryEntry& entry : image.history) {
    out["history"].push_back(print(entry));
  }
  return out.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace docker_cpp::images
