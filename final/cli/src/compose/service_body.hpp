// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "compose/project.hpp"

namespace docker_cpp::cli::compose {

namespace labels {
inline constexpr const char* project = "com.docker.compose.project";
inline constexpr const char* service = "com.docker.compose.service";
inline constexpr const char* number = "com.docker.compose.container-number";
inline constexpr const char* oneoff = "com.docker.compose.oneoff";
inline constexpr const char* config_hash = "com.docker.compose.config-hash";
inline constexpr const char* config_files =
    "com.docker.compose.project.config_files";
inline constexpr const char* working_dir =
    "com.docker.compose.project.working_dir";
inline constexpr const char* environment_file =
    "com.docker.compose.project.environment_file";
inline constexpr const char* depends_on = "com.docker.compose.depends_on";
inline constexpr const char* image = "com.docker.compose.image";
inline constexpr const char* version = "com.docker.compose.version";
inline constexpr const char* network = "com.docker.compose.network";
inline constexpr const char* volume = "com.docker.compose.volume";
}  // namespace labels

/// A container that a service asks for.
struct ContainerPlan {
  std::string name;
  Value body;  ///< of POST /containers/create
  /// Connected after the container is made: the API below 1.44 takes one
  /// network only. Name and endpoint settings.
  std::vector<std::pair<std::string, Value>> more_networks;
  /// Files that have no path on this machine: secrets and configs from the
  /// environment or from the compose file. Path inside, content.
  std::vector<std::pair<std::string, std::string>> files;
};

struct PlanOptions {
  int number = 1;
  bool oneoff = false;
  bool publish = true;  ///< a one-off container publishes nothing
  bool use_aliases = true;
  std::string name;      ///< empty: project-service-number
  std::string image_id;  ///< for the label
  /// Ids of containers that "service:x" stands for.
  std::vector<std::pair<std::string, std::string>> containers;
};

/// \throws Failure with the place of what does not fit
[[nodiscard]] ContainerPlan plan_container(const Project& project,
                                           const std::string& service,
                                           const PlanOptions& options);

/// Changes when the container would have to be another one.
[[nodiscard]] std::string config_hash(const Value& service);

/// HostConfig's limits and the like.
void add_host_settings(const std::string& place, const Value& service,
                       Value& host);
/// Networks, aliases and addresses. \returns what to connect later
[[nodiscard]] std::vector<std::pair<std::string, Value>> add_networks(
    const Project& project, const std::string& service,
    const std::string& container, const PlanOptions& options, Value& body,
    Value& host);
/// Volumes, tmpfs, configs and secrets. \returns the files without a path
[[nodiscard]] std::vector<std::pair<std::string, std::string>> add_mounts(
    const Project& project, const std::string& service, Value& body,
    Value& host);

}  // namespace docker_cpp::cli::compose
