// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "docker_cpp/cli/create_parts.hpp"
#include "docker_cpp/cli/text.hpp"

// `-p [[ip:]host-port:]container-port[/protocol]`, ports may be ranges; or the
// long form, "published=8080,target=80,protocol=tcp".
namespace docker_cpp::cli {
namespace {

struct PortRequest {
  std::string ip;
  std::string host;
  std::string container;
  std::string protocol;
};

PortRequest split_port(const std::string& text) {
  PortRequest request;
  const auto slash = text.rfind('/');
  request.protocol =
      slash == std::string::npos ? "tcp" : to_lower(text.substr(slash + 1));
  auto rest = text.substr(0, slash);
  const auto last = rest.rfind(':');
  if (last == std::string::npos) {
    request.container = rest;
    return request;
  }
  request.container = rest.substr(last + 1);
  rest.resize(last);
  const auto middle = rest.rfind(':');
  if (middle == std::string::npos) {
    request.host = rest;
    return request;
  }
  request.host = rest.substr(middle + 1);
  request.ip = rest.substr(0, middle);
  return request;
}

std::optional<std::string> long_form(const std::string& text,
                                     PortRequest& request) {
  request.protocol = "tcp";
  for (const auto& field : csv_fields(text)) {
    const auto [key, value] = cut(field, '=');
    const auto name = to_lower(key);
    if (field.find('=') == std::string::npos || value.empty()) {
      return "invalid field: " + field;
    }
    if (name == "protocol") {
      request.protocol = to_lower(value);
    } else if (name == "target") {
      request.container = value;
    } else if (name == "published") {
      request.host = value;
    } else if (name != "mode") {
      return "invalid field key: " + key;
    }
  }
  if (request.container.empty()) {
    return "missing mandatory field \"target\"";
  }
  return std::nullopt;
}

Parsed<unsigned> port_number(std::string_view text) {
  const auto number = parse_unsigned(text, 16);
  if (!number) {
    return std::unexpected(number.error());
  }
  return static_cast<unsigned>(*number);
}

// Not "bind": beside <functional> and a std::string, std::bind fits better.
void add_binding(PublishedPorts& ports, const PortRequest& request,
                 unsigned container, const std::string& host) {
  const auto name = std::to_string(container) + "/" + request.protocol;
  ports.exposed.set(name, Value::object());
  ports.bindings.member(name).append(
      Value::object().set("HostIp", request.ip).set("HostPort", host));
}

std::string host_range(const PortRange& host, const PortRange& inside,
                       unsigned offset) {
  // One container port with a range of host ports: the daemon picks a free
  // one.
  if (inside.first == inside.last && host.first != host.last) {
    return std::to_string(host.first) + "-" + std::to_string(host.last);
  }
  return std::to_string(host.first + offset);
}

std::optional<std::string> check_ip(PortRequest& request) {
  if (request.ip.starts_with('[') && request.ip.ends_with(']')) {
    request.ip = request.ip.substr(1, request.ip.size() - 2);
  }
  if (!request.ip.empty() && !is_ip(request.ip)) {
    return "invalid IP address: " + request.ip;
  }
  return std::nullopt;
}

std::optional<std::string> publish(PortRequest request, PublishedPorts& ports) {
  if (auto wrong = check_ip(request)) {
    return wrong;
  }
  const auto inside = parse_port_range(request.container);
  if (!inside) {
    return "invalid containerPort: " + request.container;
  }
  if (request.protocol != "tcp" && request.protocol != "udp" &&
      request.protocol != "sctp") {
    return "invalid proto: " + request.protocol;
  }
  PortRange host;
  if (!request.host.empty()) {
    const auto parsed = parse_port_range(request.host);
    if (!parsed) {
      return "invalid hostPort: " + request.host;
    }
    host = *parsed;
    const bool one_inside = inside->first == inside->last;
    if (!one_inside && host.last - host.first != inside->last - inside->first) {
      return "invalid ranges specified for container and host Ports: " +
             request.container + " and " + request.host;
    }
  }
  for (auto port = inside->first; port <= inside->last; ++port) {
    add_binding(ports, request, port,
                request.host.empty()
                    ? std::string()
                    : host_range(host, *inside, port - inside->first));
  }
  return std::nullopt;
}

}  // namespace

Parsed<PortRange> parse_port_range(std::string_view text) {
  const auto dash = text.find('-');
  if (text.empty()) {
    return std::unexpected("empty string specified for ports");
  }
  const auto first = port_number(text.substr(0, dash));
  if (!first) {
    return std::unexpected(first.error());
  }
  if (dash == std::string_view::npos) {
    return PortRange{.first = *first, .last = *first};
  }
  const auto last = port_number(text.substr(dash + 1));
  if (!last) {
    return std::unexpected(last.error());
  }
  if (*last < *first) {
    return std::unexpected("invalid range specified for port: " +
                           std::string(text));
  }
  return PortRange{.first = *first, .last = *last};
}

std::optional<std::string> publish_port(const std::string& text,
                                        PublishedPorts& ports) {
  PortRequest request;
  if (text.find('=') != std::string::npos) {
    if (auto wrong = long_form(text, request)) {
      return wrong;
    }
  } else {
    request = split_port(text);
    if (request.container.empty()) {
      return "no port specified: " + text + "<empty>";
    }
  }
  return publish(std::move(request), ports);
}

std::optional<std::string> expose_port(const std::string& text,
                                       PublishedPorts& ports) {
  const auto slash = text.find('/');
  const auto protocol =
      slash == std::string::npos ? "tcp" : to_lower(text.substr(slash + 1));
  if (text.find(':') != std::string::npos) {
    return "invalid port format for --expose: " + text;
  }
  const auto range = parse_port_range(std::string_view(text).substr(0, slash));
  if (!range) {
    return "invalid range format for --expose: " + text +
           ", error: " + range.error();
  }
  for (auto port = range->first; port <= range->last; ++port) {
    ports.exposed.set(std::to_string(port) + "/" + protocol, Value::object());
  }
  return std::nullopt;
}

}  // namespace docker_cpp::cli
