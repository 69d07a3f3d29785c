// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace docker_cpp::daemon::api {

enum class StreamId : std::uint8_t {
  standard_input = 0,
  standard_output = 1,
  standard_error = 2,
  system_error = 3
};

/// Appends what Docker calls a multiplexed stream's frame: the stream, three
/// zeros, the length in network order, the bytes.
void append_frame(std::string& into, StreamId stream, std::string_view bytes);

/// "ctrl-p,ctrl-q" as the bytes that a terminal sends for it.
[[nodiscard]] std::expected<std::string, std::string> parse_detach_keys(
    std::string_view text);

inline constexpr std::string_view default_detach_keys = "\x10\x11";

}  // namespace docker_cpp::daemon::api
