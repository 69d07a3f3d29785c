// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "docker_cpp/cli/value.hpp"

namespace docker_cpp::cli {

enum class Cut : bool { no, yes };

/// An entry of GET /containers/json as `ps` shows it, its fields in the order
/// in which `--format json` prints them.
[[nodiscard]] Value container_row(const Value& container, Cut cut);

/// "443-444/tcp, 0.0.0.0:8080->80/tcp": neighbours are joined.
[[nodiscard]] std::string shown_ports(const Value& ports);

}  // namespace docker_cpp::cli
