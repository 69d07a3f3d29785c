// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "docker_cpp/cli/value.hpp"

namespace docker_cpp::cli {

/// One sample of GET /containers/{id}/stats in the words of the table. Null
/// gives the dashes of a container that has said nothing yet.
[[nodiscard]] Value stats_row(const std::string& container,
                              const Value& sample);

/// In percent of one CPU, from the sample and the one before it.
[[nodiscard]] double cpu_percent(const Value& sample);
/// Without the page cache that the kernel can drop.
[[nodiscard]] double memory_used(const Value& sample);

}  // namespace docker_cpp::cli
