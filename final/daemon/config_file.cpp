// SPDX-License-Identifier: Apache-2.0
#include "config_file.hpp"

#include <unistd.h>

#include <yaml-cpp/yaml.h>

namespace docker_cpp::daemon {
namespace {

constexpr const char* default_path = "/etc/docker-cpp/config.yaml";

std::string value_of(const YAML::Node& node) {
  if (!node.IsMap()) {
    return node.as<std::string>();
  }
  std::string text;
  for (const auto& one : node) {
    text += (text.empty() ? "" : ",") + one.first.as<std::string>() + "=" +
            one.second.as<std::string>();
  }
  return text;
}

Directives directives_of(const YAML::Node& file) {
  Directives directives;
  for (const auto& one : file) {
    std::vector<std::string>& values = directives[one.first.as<std::string>()];
    if (one.second.IsSequence()) {
      for (const YAML::Node& value : one.second) {
        values.push_back(value_of(value));
      }
    } else {
      values.push_back(value_of(one.second));
    }
  }
  return directives;
}

}  // namespace

std::expected<Directives, std::string> read_config_file(
    const std::optional<std::string>& path) {
  const std::string file = path.value_or(default_path);
  if (!path && ::access(file.c_str(), F_OK) == -1) {
    return Directives();
  }
  try {
    return directives_of(YAML::LoadFile(file));
  } catch (const YAML::Exception& error) {
    return std::unexpected("unable to configure the daemon with file " + file +
                           ": " + error.what());
  }
}

}  // namespace docker_cpp::daemon
