// SPDX-License-Identifier: Apache-2.0
#include "docker_cpp/security/credentials.hpp"

#include <utility>

namespace docker_cpp::security {

Credentials::Credentials(Identity identity) : identity_(std::move(identity)) {}

const char* Credentials::name() const noexcept {
  return "become the container's user";
}

const char* NoNewPrivileges::name() const noexcept {
  return "forbid new privileges";
}

const char* SessionKeyring::name() const noexcept {
  return "join a session keyring";
}

}  // namespace docker_cpp::security
