// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "docker_cpp/daemon/model.hpp"

namespace docker_cpp::daemon {

/// "10G", "512m", "1024": bytes, powers of 1024, as go-units reads them.
[[nodiscard]] std::expected<std::uint64_t, std::string> parse_size(
    std::string_view text);

/// What --storage-opt size= allows the writable layer; nothing: any size.
/// \throws ApiError for another option or a size that is none
[[nodiscard]] std::optional<std::uint64_t> size_limit(const HostConfig& host);

/// The number under which the file system counts what belongs to an object;
/// derived from its id, far from what people choose.
[[nodiscard]] std::uint32_t project_of(std::string_view id);

/// What is made in the folder from now on counts for the project, and all of
/// that may take so many bytes. \throws ApiError `refusal` where the file
/// system has no such limits
void limit_folder(const std::string& folder, std::uint32_t project,
                  std::uint64_t bytes, const std::string& refusal);

/// The number can be given to somebody else.
void forget_limit(const std::string& folder, std::uint32_t project) noexcept;

/// Puts the folder under a container's limit, if it has one. \throws ApiError
void limit_layer(const Container& container, const std::string& folder);

}  // namespace docker_cpp::daemon
