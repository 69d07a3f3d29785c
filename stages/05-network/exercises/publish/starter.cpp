// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>

#include "exercise.hpp"

std::expected<Port, std::string> parse_publish(std::string_view text) {
  const auto colon = text.find(':');
  Port port;
  port.host_port = static_cast<std::uint16_t>(
      std::atoi(std::string(text.substr(0, colon)).c_str()));
  port.container_port = static_cast<std::uint16_t>(
      std::atoi(std::string(text.substr(colon + 1)).c_str()));
  return port;
}
