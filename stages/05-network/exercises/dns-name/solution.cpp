// SPDX-License-Identifier: Apache-2.0
#include "exercise.hpp"

std::optional<std::string> read_name(std::span<const std::uint8_t> packet,
                                     std::size_t at) {
  std::string name;
  std::size_t limit = at;  // pointers only ever lead back
  for (;;) {
    if (at >= packet.size()) {
      return std::nullopt;
    }
    const std::size_t length = packet[at];
    if (length == 0) {
      return name;
    }
    if (length >= 0xC0) {
      if (at + 1 >= packet.size()) {
        return std::nullopt;
      }
      const std::size_t to = (length & 0x3F) << 8 | packet[at + 1];
      if (to >= limit) {
        return std::nullopt;
      }
      at = limit = to;
      continue;
    }
    if (length > 63 || at + 1 + length > packet.size() ||
        name.size() + length + 1 > 255) {
      return std::nullopt;
    }
    name += name.empty() ? "" : ".";
    for (std::size_t i = 1; i <= length; ++i) {
      name += static_cast<char>(packet[at + i]);
    }
    at += length + 1;
  }
}
