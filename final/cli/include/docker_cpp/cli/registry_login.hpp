// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "docker_cpp/cli/client_config.hpp"

namespace docker_cpp::cli {

/// Who a user is to one registry.
struct RegistryLogin {
  std::string username;
  std::string password;
  std::string identity_token;  ///< instead of the password

  [[nodiscard]] bool known() const {
    return !username.empty() || !identity_token.empty();
  }
};

/// "docker.io" goes by its old address in config.json.
[[nodiscard]] std::string server_of_domain(std::string_view domain);

/// What config.json or a credential helper (docker-credential-NAME) has.
[[nodiscard]] RegistryLogin find_login(const ClientConfig& config,
                                       const std::string& server);

/// \returns where it was written in the clear; empty: a helper has it
/// \throws Failure
std::string store_login(ClientConfig& config, const std::string& server,
                        const RegistryLogin& login);
/// \returns whether there was one
bool erase_login(ClientConfig& config, const std::string& server);

/// The value of X-Registry-Auth for a registry's domain.
[[nodiscard]] std::string registry_auth(const ClientConfig& config,
                                        std::string_view domain);

/// The value of X-Registry-Config: every login that is known, because only
/// the daemon will see which registries a Dockerfile names.
[[nodiscard]] std::string registry_config(const ClientConfig& config);

/// RFC 4648; the second with `-` and `_`.
[[nodiscard]] std::string base64(std::string_view bytes);
[[nodiscard]] std::string base64_url(std::string_view bytes);
[[nodiscard]] std::string from_base64(std::string_view text);

}  // namespace docker_cpp::cli
