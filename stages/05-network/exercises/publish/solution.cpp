// SPDX-License-Identifier: Apache-2.0
#include <charconv>
#include <optional>

#include "exercise.hpp"

namespace {

std::optional<std::uint16_t> number(std::string_view text) {
  std::uint16_t value = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || rest != end || value == 0) {
    return std::nullopt;
  }
  return value;
}

/// Takes what stands behind the last `mark`, or all of it.
std::string_view take_last(std::string_view& text, char mark) {
  const std::size_t at = text.rfind(mark);
  const std::string_view last =
      at == std::string_view::npos ? text : text.substr(at + 1);
  text = at == std::string_view::npos ? "" : text.substr(0, at);
  return last;
}

}  // namespace

std::expected<Port, std::string> parse_publish(std::string_view text) {
  const auto wrong = [all = std::string(text)] {
    return std::unexpected("invalid port '" + all + "': expected 8080:80");
  };
  Port port;
  if (text.find('/') != std::string_view::npos) {
    port.protocol = take_last(text, '/');
    if (port.protocol != "tcp" && port.protocol != "udp") {
      return wrong();
    }
  }
  const auto inside = number(take_last(text, ':'));
  if (!inside) {
    return wrong();
  }
  port.container_port = *inside;
  const std::string_view outside = take_last(text, ':');
  if (!outside.empty()) {
    const auto host = number(outside);
    if (!host) {
      return wrong();
    }
    port.host_port = *host;
  }
  if (text.find(':') != std::string_view::npos) {
    return wrong();
  }
  port.host_ip = text;
  return port;
}
