// SPDX-License-Identifier: Apache-2.0
#include "stream_frame.hpp"

#include <algorithm>

namespace docker_cpp::daemon::api {
namespace {

std::expected<char, std::string> parse_key(std::string_view key) {
  const auto unknown = [&] {
    return std::unexpected("Unknown character: '" + std::string(key) + "'");
  };
  if (key.size() == 1) {
    return key[0];
  }
  if (key == "DEL") {
    return '\x7f';
  }
  if (!key.starts_with("ctrl-") || key.size() != 6) {
    return unknown();
  }
  const char letter = key[5];
  if (letter >= 'a' && letter <= 'z') {
    return static_cast<char>(letter - 'a' + 1);
  }
  constexpr std::string_view others = "[\\]^_";
  const auto found = others.find(letter);
  if (found == std::string_view::npos) {
    return letter == '@' ? std::expected<char, std::string>('\0') : unknown();
  }
  return static_cast<char>(27 + found);
}

}  // namespace

void append_frame(std::string& into, StreamId stream, std::string_view bytes) {
  const auto size = static_cast<std::uint32_t>(bytes.size());
  const auto byte = [](std::uint32_t value) {
    return static_cast<char>(static_cast<unsigned char>(value & 0xFF));
  };
  into += byte(static_cast<std::uint32_t>(stream));
  into.append(3, '\0');
  for (const int shift : {24, 16, 8, 0}) {
    into += byte(size >> shift);
  }
  into += bytes;
}

std::expected<std::string, std::string> parse_detach_keys(
    std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const auto comma = std::min(text.find(',', 1), text.size());
    const auto key = parse_key(text.substr(0, comma));
    if (!key) {
      return std::unexpected(key.error());
    }
    out += *key;
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return out;
}

}  // namespace docker_cpp::daemon::api
