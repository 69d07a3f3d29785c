// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "docker_cpp/daemon/model.hpp"
#include "docker_cpp/images/image.hpp"

namespace docker_cpp::daemon {

/// What the user did not say is as the image has it, by Docker's rules.
void merge_image_config(Config& config, const images::ImageConfig& image);

/// Entrypoint, then command. \throws ApiError when there is neither
[[nodiscard]] Strings command_line(const Config& config);

}  // namespace docker_cpp::daemon
