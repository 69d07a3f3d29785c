// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "docker_cpp/daemon/model.hpp"
#include "docker_cpp/network/bridge_network.hpp"

namespace docker_cpp::daemon {

/// "80/tcp" and where to, as the network wants it.
[[nodiscard]] network::PublishedPort published_port(const std::string& port,
                                                    const PortBinding& binding);

/// All ports that a container's options publish.
[[nodiscard]] std::vector<network::PublishedPort> wanted_ports(
    const Container& container);

}  // namespace docker_cpp::daemon
