// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace docker_cpp::daemon {

/// A program that speaks Docker's plugin protocol: JSON in POST requests over
/// a unix socket. https://docs.docker.com/engine/extend/plugin_api/
class SocketPlugin {
 public:
  /// Looks for NAME.sock, NAME/NAME.sock and NAME.spec in the folders, as
  /// Docker's discovery does. \throws ApiError when it is in none
  SocketPlugin(const std::vector<std::string>& folders, std::string name,
               std::chrono::milliseconds patience);

  /// What it implements: "authz", "VolumeDriver"... \throws ApiError
  [[nodiscard]] std::vector<std::string> activate() const;

  /// The answer's body. \throws ApiError when there is none in time
  [[nodiscard]] nlohmann::json call(const std::string& method,
                                    const nlohmann::json& body) const;

  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  [[nodiscard]] const std::string& path() const noexcept { return path_; }

 private:
  std::string name_;
  std::string path_;
  std::chrono::milliseconds patience_;
};

}  // namespace docker_cpp::daemon
