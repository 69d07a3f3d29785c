// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/namespaces/isolation.hpp"

namespace docker_cpp::namespaces {

Isolation::~Isolation() = default;

void Isolation::prepare(CloneRequest& /*request*/) {}

void Isolation::from_parent(const ChildHandle& /*child*/) {}

void Isolation::while_child_waits(const ChildHandle& /*child*/) {}

}  // namespace docker_cpp::namespaces
