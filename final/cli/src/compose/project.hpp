// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "compose/interpolate.hpp"

#include "docker_cpp/cli/value.hpp"

namespace docker_cpp::cli::compose {

/// What the words after `compose` say, before the command.
struct ProjectOptions {
  std::vector<std::string> files;
  std::vector<std::string> profiles;
  std::vector<std::string> env_files;
  std::string name;
  std::string folder;
  bool interpolate = true;
};

/// A loaded, merged and checked compose project. Services are in the long
/// form.
struct Project {
  std::string name;
  std::string folder;
  std::vector<std::string> files;
  std::vector<std::string> env_files;
  Variables variables;
  Value services = Value::object();
  Value networks = Value::object();
  Value volumes = Value::object();
  Value configs = Value::object();
  Value secrets = Value::object();
  Value disabled = Value::object();  ///< services whose profiles are not on

  /// \throws Failure "no such service: x"
  [[nodiscard]] const Value& service(const std::string& wanted) const;
  /// All in the order of their dependencies, each after those it depends on;
  /// only `wanted` and what they need unless that is empty. \throws Failure
  [[nodiscard]] std::vector<std::string> in_order(
      const std::vector<std::string>& wanted, bool with_dependencies) const;
  /// The whole as one document, as `config` prints it.
  [[nodiscard]] Value document() const;

  [[nodiscard]] std::string network_name(const std::string& key) const;
  [[nodiscard]] std::string volume_name(const std::string& key) const;
  [[nodiscard]] std::string image_of(const std::string& service) const;
};

/// \throws Failure in compose's words
[[nodiscard]] Project load_project(const ProjectOptions& options);

/// The name only, where there need be no file (`compose -p x ps`).
[[nodiscard]] std::string project_name(const ProjectOptions& options,
                                       const std::string& folder,
                                       const Variables& variables);

/// Lower case, and nothing but letters, digits, '-' and '_'.
[[nodiscard]] std::string normalised_name(const std::string& name);

/// Services' environment from env_file and environment, resolved.
void resolve_environment(Project& project);

}  // namespace docker_cpp::cli::compose
