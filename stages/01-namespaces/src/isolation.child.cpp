// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/namespaces/isolation.hpp"

namespace docker_cpp::namespaces {

sys::Result<void> Isolation::in_child() const noexcept {
  return {};
}

sys::Result<void> Isolation::at_exec() const noexcept {
  return {};
}

bool Isolation::stops_child() const noexcept {
  return false;
}

}  // namespace docker_cpp::namespaces
