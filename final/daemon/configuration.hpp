// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <expected>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "definitions.hpp"

namespace docker_cpp::daemon {

/// A directive's values, and where they were written: "flag", "environment
/// DOCKER_CPPD_MTU", "/etc/docker-cpp/config.yaml:12".
struct Said {
  Values values;
  std::string origin;

  bool operator==(const Said& other) const { return values == other.values; }
};

using Layer = std::map<std::string, Said, std::less<>>;

/// Where a configuration is read from. Later ones win: the file, the files of
/// the folder beside it in the order of their names, the environment, flags.
struct Sources {
  std::string file = "/etc/docker-cpp/config.yaml";
  bool file_must_exist = false;
  std::string folder;  ///< empty: conf.d beside the file
  Layer flags;
};

/// A YAML file (JSON is YAML). Nested maps are hierarchy: {log: {level: debug}}
/// says log-level. Errors name file and line.
[[nodiscard]] std::expected<Layer, std::string> read_config_file(
    const std::string& path);

/// From variables as environ(7) holds them.
[[nodiscard]] std::expected<Layer, std::string> read_environment(
    const char* const* environment);

/// All layers, merged.
[[nodiscard]] std::expected<Layer, std::string> merge(const Sources& sources,
                                                      const char* const* env);

/// What the words mean. Errors begin with the origin.
[[nodiscard]] std::expected<Settings, std::string> understand(
    const Layer& words);

/// "log-level: info -> debug", one per directive that differs.
struct Difference {
  std::string text;
  Reload reload;
};
[[nodiscard]] std::vector<Difference> compare(const Layer& before,
                                              const Layer& after);

/// As YAML, each line with its origin if wanted.
[[nodiscard]] std::string show(const Layer& words, bool origins);

}  // namespace docker_cpp::daemon
