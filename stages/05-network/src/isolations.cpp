// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/network/isolations.hpp"

#include "docker_cpp/network/in_namespace.hpp"

namespace docker_cpp::network {

const char* LoopbackUp::name() const noexcept {
  return "bring up loopback";
}

const char* VethEndpoint::name() const noexcept {
  return "connect to the network";
}

void VethEndpoint::from_parent(const namespaces::ChildHandle& child) {
  info_ = network_.connect(network_namespace_of(child.pid).get(), request_);
}

}  // namespace docker_cpp::network
