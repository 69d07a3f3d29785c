// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "docker_cpp/daemon/volume_manager.hpp"

namespace docker_cpp::daemon {

/// A volume's record; see docs/formats/volume-record.md. Where its files are
/// follows from where the record is.
[[nodiscard]] std::string print_volume_record(const Volume& volume);
[[nodiscard]] std::optional<Volume> parse_volume_record(std::string_view text);

}  // namespace docker_cpp::daemon
