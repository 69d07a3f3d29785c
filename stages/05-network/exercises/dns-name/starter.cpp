// SPDX-License-Identifier: Apache-2.0
#include "exercise.hpp"

std::optional<std::string> read_name(std::span<const std::uint8_t> packet,
                                     std::size_t at) {
  std::string name;
  while (at < packet.size() && packet[at] != 0) {
    const std::size_t length = packet[at];
    for (std::size_t i = 1; i <= length && at + i < packet.size(); ++i) {
      name += static_cast<char>(packet[at + i]);
    }
    at += length + 1;
    name += '.';
  }
  return name;
}
