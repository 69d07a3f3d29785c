// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "docker_cpp/cli/arguments.hpp"
#include "docker_cpp/cli/value.hpp"

namespace docker_cpp::cli {

/// The docker client's folder (~/.docker) and its config.json, which the two
/// programs share.
class ClientConfig {
 public:
  ClientConfig() = default;
  /// Reads config.json there. A file that is missing is an empty one; one that
  /// cannot be understood is told and taken as empty, as docker does.
  explicit ClientConfig(std::string directory);

  /// --config, else DOCKER_CONFIG, else ~/.docker.
  [[nodiscard]] static std::string directory_of(const Arguments& global);

  [[nodiscard]] const std::string& directory() const noexcept {
    return directory_;
  }
  /// A setting, or null.
  [[nodiscard]] const Value& operator[](std::string_view key) const noexcept {
    return settings_[key];
  }
  [[nodiscard]] const Value& settings() const noexcept { return settings_; }

  /// Changes a setting (null takes it away) and writes the file, beside and
  /// renamed. \throws Failure
  void store(std::string_view key, const Value& value);

 private:
  std::string directory_;
  Value settings_ = Value::object();
};

/// Gives options that were not typed what config.json says for them: formats,
/// detachKeys, and the proxies that containers and builds get.
void apply_settings(const ClientConfig& config, const std::string& host,
                    std::string_view command,
                    std::span<const OptionSpec> options, Arguments& arguments);

}  // namespace docker_cpp::cli
