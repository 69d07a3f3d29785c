// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <expected>
#include <string>
#include <string_view>

/// A record: one line that says what follows, then the JSON text.
///
///     docker-cpp-record 1 layer 187 5891b5b5...be03\n{...}
///
/// Format version, kind, length, SHA-256. See docs/formats/layer-record.md.
namespace docker_cpp::images {

[[nodiscard]] std::string frame_record(std::string_view kind,
                                       std::string_view json);

/// The JSON text of a record file, or what is wrong with it.
[[nodiscard]] std::expected<std::string, std::string> unframe_record(
    std::string_view kind, std::string_view file);

}  // namespace docker_cpp::images
