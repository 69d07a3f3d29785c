// SPDX-License-Identifier: Apache-2.0
#include "image_config.hpp"

#include <algorithm>
#include <utility>

#include "docker_cpp/daemon/api_error.hpp"

namespace docker_cpp::daemon {
namespace {

std::string key_of(const std::string& entry) {
  return entry.substr(0, entry.find('='));
}

void merge_env(Strings& env, const Strings& image) {
  Strings merged = image;
  for (const std::string& entry : env) {
    const auto same = std::ranges::find(merged, key_of(entry), key_of);
    if (same == merged.end()) {
      merged.push_back(entry);
    } else {
      *same = entry;
    }
  }
  env = std::move(merged);
}

void add_missing(Strings& list, const Strings& more) {
  for (const std::string& one : more) {
    if (std::ranges::find(list, one) == list.end()) {
      list.push_back(one);
    }
  }
}

void take_if_empty(std::string& value, const std::string& other) {
  if (value.empty()) {
    value = other;
  }
}

/// What the container leaves open of a check is the image's.
void merge_health(Config& config, const images::ImageConfig& image) {
  if (!image.healthcheck) {
    return;
  }
  const images::Healthcheck& theirs = *image.healthcheck;
  HealthCheck& check =
      config.healthcheck ? *config.healthcheck : config.healthcheck.emplace();
  const auto take = [](auto& value, const auto& other) {
    if (value == 0) {
      value = other;
    }
  };
  if (check.test.empty()) {
    check.test = theirs.test;
  }
  take(check.interval, theirs.interval);
  take(check.timeout, theirs.timeout);
  take(check.start_period, theirs.start_period);
  take(check.start_interval, theirs.start_interval);
  take(check.retries, theirs.retries);
}

}  // namespace

void merge_image_config(Config& config, const images::ImageConfig& image) {
  take_if_empty(config.user, image.user);
  take_if_empty(config.working_dir, image.working_dir);
  take_if_empty(config.stop_signal, image.stop_signal);
  if (!config.stop_timeout) {
    config.stop_timeout = image.stop_timeout;
  }
  if (config.shell.empty()) {
    config.shell = image.shell;
  }
  merge_health(config, image);
  merge_env(config.env, image.env);
  add_missing(config.exposed_ports, image.exposed_ports);
  add_missing(config.volumes, image.volumes);
  for (const auto& [key, value] : image.labels) {
    config.labels.emplace(key, value);
  }
  // An entrypoint of one's own takes the image's command away with it.
  if (!config.entrypoint || config.entrypoint->empty()) {
    if (!config.cmd || config.cmd->empty()) {
      config.cmd = image.cmd;
    }
    if (!config.entrypoint) {
      config.entrypoint = image.entrypoint;
    }
  }
}

Strings command_line(const Config& config) {
  Strings args;
  for (const auto* list : {&config.entrypoint, &config.cmd}) {
    if (*list) {
      args.insert(args.end(), (*list)->begin(), (*list)->end());
    }
  }
  // `--entrypoint ""` comes as one empty word: it only resets.
  if (!args.empty() && args[0].empty()) {
    args.erase(args.begin());
  }
  if (args.empty()) {
    throw ApiError(ErrorCode::invalid_argument, "no command specified");
  }
  return args;
}

}  // namespace docker_cpp::daemon
