// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

namespace docker_cpp::images {

/// An image archive that is part of this program, so that a machine without a
/// network has something to run.
struct EmbeddedImage {
  std::string_view name;  ///< docker.io/library/busybox:latest
  std::string_view archive;
};

[[nodiscard]] std::span<const EmbeddedImage> embedded_images();

}  // namespace docker_cpp::images
