// SPDX-License-Identifier: Apache-2.0
#include "ports.hpp"

#include <charconv>
#include <string_view>

namespace docker_cpp::daemon {
namespace {

std::uint16_t port_number(std::string_view text) {
  std::uint16_t port = 0;
  std::from_chars(text.data(), text.data() + text.size(), port);
  return port;
}

}  // namespace

network::PublishedPort published_port(const std::string& port,
                                      const PortBinding& binding) {
  const std::size_t slash = port.find('/');
  const std::string_view host_port = binding.host_port;
  const std::size_t dash = host_port.find('-');
  return {
      .protocol = slash == std::string::npos ? "tcp" : port.substr(slash + 1),
      .container_port = port_number(port),
      .host_ip = binding.host_ip,
      .host_port = port_number(host_port),
      .last_host_port = dash == std::string_view::npos
                            ? std::uint16_t{0}
                            : port_number(host_port.substr(dash + 1))};
}

std::vector<network::PublishedPort> wanted_ports(const Container& container) {
  std::vector<network::PublishedPort> ports;
  const PortMap& bindings = container.host_config.port_bindings;
  for (const auto& [port, list] : bindings) {
    for (const PortBinding& binding : list) {
      ports.push_back(published_port(port, binding));
    }
  }
  if (container.host_config.publish_all_ports) {
    for (const std::string& port : container.config.exposed_ports) {
      if (!bindings.contains(port)) {
        ports.push_back(published_port(port, {}));
      }
    }
  }
  return ports;
}

}  // namespace docker_cpp::daemon
