// SPDX-License-Identifier: Apache-2.0
#include "gate.hpp"

namespace docker_cpp::monitor {

const char* Gate::name() const noexcept {
  return "wait for the network";
}

void Gate::from_parent(const namespaces::ChildHandle& child) {
  if (created_) {
    created_(child.pid);
  }
}

}  // namespace docker_cpp::monitor
