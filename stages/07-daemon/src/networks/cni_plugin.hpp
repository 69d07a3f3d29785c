// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace docker_cpp::daemon {

/// One call of a CNI plugin.
struct CniCall {
  std::string command;  ///< ADD, DEL, CHECK, VERSION
  std::string container;
  std::string netns;  ///< path
  std::string link;   ///< CNI_IFNAME
  std::string arguments;
};

/// Runs a plugin: what it is to do in its environment, how on its input, the
/// answer from its output. https://www.cni.dev/docs/spec/
/// \throws ApiError in the plugin's words, or when it does not end in time
[[nodiscard]] nlohmann::json run_cni_plugin(
    const std::vector<std::string>& folders, const CniCall& call,
    const nlohmann::json& configuration,
    std::chrono::milliseconds patience = std::chrono::seconds(60));

}  // namespace docker_cpp::daemon
