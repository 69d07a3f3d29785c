// SPDX-License-Identifier: Apache-2.0
#include <arpa/inet.h>
#include <netdb.h>
#include <sys/socket.h>

#include <array>
#include <memory>
#include <utility>

#include "log_config.hpp"

#include "docker_cpp/daemon/api_error.hpp"

namespace docker_cpp::daemon {
namespace {

[[noreturn]] void refuse(const std::string& why) {
  throw ApiError(ErrorCode::invalid_argument, why);
}

std::string resolve(const std::string& name, const std::string& port) {
  addrinfo hints{};
  hints.ai_family = AF_INET;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  const int error = ::getaddrinfo(name.c_str(), port.c_str(), &hints, &list);
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> found(
      list, &::freeaddrinfo);
  if (error != 0 || list == nullptr) {
    refuse("failed to initialize logging driver: lookup " + name + ": " +
           ::gai_strerror(error));
  }
  std::array<char, INET_ADDRSTRLEN> text{};
  const auto* address = reinterpret_cast<const sockaddr_in*>(list->ai_addr);
  ::inet_ntop(AF_INET, &address->sin_addr, text.data(), text.size());
  return text.data();
}

std::string value_of(std::string_view field, const Container& container) {
  const std::string& image = container.image_id;
  const std::size_t hex = image.starts_with("sha256:") ? 7 : 0;
  const std::pair<std::string_view, std::string> known[] = {
      {".ID", container.id.substr(0, 12)},
      {".FullID", container.id},
      {".Name", container.name},
      {".ImageName", container.config.image},
      {".ImageID", image.substr(hex, 12)},
      {".ImageFullID", image},
      {".DaemonName", "docker-cpp"}};
  for (const auto& [name, value] : known) {
    if (name == field) {
      return value;
    }
  }
  refuse("failed to initialize logging driver: log tag: no field {{" +
         std::string(field) + "}}");
}

}  // namespace

std::string expand_tag(std::string_view tag, const Container& container) {
  std::string out;
  for (;;) {
    const std::size_t begin = tag.find("{{");
    out += tag.substr(0, begin);
    if (begin == std::string_view::npos) {
      return out;
    }
    const std::size_t end = tag.find("}}", begin);
    if (end == std::string_view::npos) {
      refuse("failed to initialize logging driver: log tag: unclosed action");
    }
    std::string_view field = tag.substr(begin + 2, end - begin - 2);
    while (field.starts_with(' ')) {
      field.remove_prefix(1);
    }
    while (field.ends_with(' ')) {
      field.remove_suffix(1);
    }
    out += value_of(field, container);
    tag.remove_prefix(end + 2);
  }
}

std::string numeric_address(std::string_view address,
                            std::string_view standard_port) {
  std::string scheme = "tcp";
  if (const std::size_t at = address.find("://");
      at != std::string_view::npos) {
    scheme = address.substr(0, at);
    address.remove_prefix(at + 3);
  }
  if (scheme == "unix" || scheme == "unixgram") {
    if (!address.starts_with('/')) {
      refuse("failed to initialize logging driver: " + std::string(address) +
             " is not an absolute path");
    }
    return "unix:" + std::string(address);
  }
  if (scheme != "tcp" && scheme != "udp") {
    refuse("failed to initialize logging driver: unsupported scheme: '" +
           scheme + "'");
  }
  const std::size_t colon = address.rfind(':');
  const std::string name(address.substr(0, colon));
  const std::string port(colon == std::string_view::npos
                             ? standard_port
                             : address.substr(colon + 1));
  if (name.empty() || port.empty() ||
      port.find_first_not_of("0123456789") != std::string::npos) {
    refuse("failed to initialize logging driver: invalid address: " +
           std::string(address));
  }
  return scheme + ":" + resolve(name, port) + ":" + port;
}

}  // namespace docker_cpp::daemon
