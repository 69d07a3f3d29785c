// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/cli/create_parts.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

#include "docker_cpp/cli/text.hpp"

namespace docker_cpp::cli {
namespace {

std::unexpected<std::string> refuse(std::string why) {
  return std::unexpected(std::move(why));
}

}  // namespace

bool is_ip(const std::string& text) {
  std::array<unsigned char, sizeof(in6_addr)> address{};
  return ::inet_pton(AF_INET, text.c_str(), address.data()) == 1 ||
         ::inet_pton(AF_INET6, text.c_str(), address.data()) == 1;
}

Parsed<std::string> parse_extra_host(const std::string& text) {
  const auto at = text.find_first_of("=:");
  if (at == std::string::npos || at == 0) {
    return refuse("bad format for add-host: " + quote(text));
  }
  auto address = text.substr(at + 1);
  if (address.starts_with('[') && address.ends_with(']')) {
    address = address.substr(1, address.size() - 2);
  }
  if (address != "host-gateway" && !is_ip(address)) {
    return refuse("invalid IP address in add-host: " + quote(address));
  }
  return text.substr(0, at) + ":" + address;
}

Parsed<Value> parse_ulimit(const std::string& text) {
  constexpr std::array names = {"core",   "cpu",        "data",     "fsize",
                                "locks",  "memlock",    "msgqueue", "nice",
                                "nofile", "nproc",      "rss",      "rtprio",
                                "rttime", "sigpending", "stack"};
  const auto [name, limits] = cut(text, '=');
  if (text.find('=') == std::string::npos) {
    return refuse("invalid ulimit argument: " + text);
  }
  if (std::ranges::find(names, name) == names.end()) {
    return refuse("invalid ulimit type: " + name);
  }
  const auto parts = split(limits, ":");
  if (parts.size() > 2) {
    return refuse("too many limit value arguments - " + limits +
                  ", can only have up to two, `soft[:hard]`");
  }
  const auto soft = parse_integer(parts.front());
  const auto hard = parse_integer(parts.back());
  if (!soft || !hard) {
    return refuse(soft ? hard.error() : soft.error());
  }
  if (*hard != -1 && *soft == -1) {
    return refuse(
        "ulimit soft limit must be less than or equal to hard limit: soft: -1 "
        "(unlimited), hard: " +
        std::to_string(*hard));
  }
  if (*hard != -1 && *soft > *hard) {
    return refuse(
        "ulimit soft limit must be less than or equal to hard limit: " +
        std::to_string(*soft) + " > " + std::to_string(*hard));
  }
  return Value::object()
      .set("Name", name)
      .set("Hard", *hard)
      .set("Soft", *soft);
}

namespace {

/// The device's path, when the text is "/dev/…:number".
Parsed<std::pair<std::string, std::string>> device_and_number(
    const std::string& text) {
  auto [path, number] = cut(text, ':');
  if (text.find(':') == std::string::npos || path.empty()) {
    return refuse("bad format: " + text);
  }
  if (!path.starts_with("/dev/")) {
    return refuse("bad format for device path: " + text);
  }
  return std::pair(std::move(path), std::move(number));
}

}  // namespace

Parsed<Value> parse_weight(const std::string& text) {
  const auto parts = device_and_number(text);
  if (!parts) {
    return refuse(parts.error());
  }
  const auto weight = parse_unsigned(parts->second, 16);
  if (!weight || (*weight > 0 && (*weight < 10 || *weight > 1000))) {
    return refuse("invalid weight for device: " + text);
  }
  return Value::object().set("Path", parts->first).set("Weight", *weight);
}

Parsed<Value> parse_rate(const std::string& text) {
  const auto parts = device_and_number(text);
  if (!parts) {
    return refuse(parts.error());
  }
  const auto rate = parse_bytes(parts->second);
  if (!rate) {
    return refuse("invalid rate for device: " + text +
                  ". The correct format is <device-path>:<number>[<unit>]. "
                  "Number must be a positive integer. Unit is optional and can "
                  "be kb, mb, or gb");
  }
  return Value::object().set("Path", parts->first).set("Rate", *rate);
}

Parsed<Value> parse_count_rate(const std::string& text) {
  const auto parts = device_and_number(text);
  if (!parts) {
    return refuse(parts.error());
  }
  const auto rate = parse_unsigned(parts->second);
  if (!rate) {
    return refuse("invalid rate for device: " + text +
                  ". The correct format is <device-path>:<number>. Number must "
                  "be a positive integer");
  }
  return Value::object().set("Path", parts->first).set("Rate", *rate);
}

Parsed<Value> parse_device(const std::string& text) {
  const auto is_mode = [](const std::string& mode) {
    return !mode.empty() && mode.size() <= 3 &&
           mode.find_first_not_of("rwm") == std::string::npos;
  };
  const auto parts = split(text, ":");
  if (parts.size() > 3 || parts[0].empty()) {
    return refuse("invalid device specification: " + text);
  }
  auto inside = parts[0];
  std::string mode = "rwm";
  if (parts.size() == 2 && is_mode(parts[1])) {
    mode = parts[1];
  } else if (parts.size() >= 2) {
    inside = parts[1];
  }
  if (parts.size() == 3) {
    mode = parts[2];
    if (!is_mode(mode)) {
      return refuse("bad mode specified: " + mode);
    }
  }
  if (!inside.starts_with('/')) {
    return refuse(inside + " is not an absolute path");
  }
  return Value::object()
      .set("PathOnHost", parts[0])
      .set("PathInContainer", inside)
      .set("CgroupPermissions", mode);
}

Parsed<Value> parse_restart(const std::string& text) {
  const auto [name, count] = cut(text, ':');
  if (text.starts_with(':')) {
    return refuse(
        "invalid restart policy format: no policy provided before colon");
  }
  std::int64_t retries = 0;
  if (!count.empty()) {
    const auto parsed = parse_integer(count);
    if (!parsed) {
      return refuse(
          "invalid restart policy format: maximum retry count must be an "
          "integer");
    }
    retries = *parsed;
  }
  return Value::object().set("Name", name).set("MaximumRetryCount", retries);
}

}  // namespace docker_cpp::cli
