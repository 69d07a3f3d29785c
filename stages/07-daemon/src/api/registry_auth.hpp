// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "docker_cpp/images/registry.hpp"

namespace docker_cpp::daemon::api {

/// The X-Registry-Auth header: base64, of either alphabet, of JSON. Without
/// one, or with one that cannot be read, nobody asks, as Docker has it for
/// pulls.
[[nodiscard]] images::Credentials read_registry_auth(std::string_view header);

/// The same for pushes, which must have one.
/// \throws ApiError
[[nodiscard]] images::Credentials need_registry_auth(std::string_view header);

/// The X-Registry-Config header of a build: the same of every registry that
/// the client knows, by address.
[[nodiscard]] std::map<std::string, images::Credentials> read_registry_config(
    std::string_view header);

/// The bytes that base64 of either alphabet stands for, with or without its
/// padding; what is no digit ends it.
[[nodiscard]] std::string decode_base64(std::string_view text);

}  // namespace docker_cpp::daemon::api
