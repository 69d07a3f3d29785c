// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <expected>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace docker_cpp::daemon {

/// The directives of a configuration file by their names, each a list: what is
/// one value is a list of one. "default-address-pools" comes as
/// "base=...,size=...".
using Directives = std::map<std::string, std::vector<std::string>>;

/// A missing file is an empty one unless it was asked for by name.
[[nodiscard]] std::expected<Directives, std::string> read_config_file(
    const std::optional<std::string>& path);

}  // namespace docker_cpp::daemon
