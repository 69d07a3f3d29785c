// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

struct Port {
  std::string host_ip;          ///< empty: any
  std::uint16_t host_port = 0;  ///< 0: any
  std::uint16_t container_port = 0;
  std::string protocol = "tcp";  ///< tcp or udp
};

/// Errors are a sentence that names what was typed.
std::expected<Port, std::string> parse_publish(std::string_view text);
